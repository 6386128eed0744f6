package scheme

import "github.com/irmad/irmaserver/scheme/internal/plainxml"

// keyNamespace is that of the elements in files with keys.
const keyNamespace = "http://www.zurich.ibm.com/security/idemix"

func (k *publicKeyXML) readPlain(r *plainxml.Reader) {
	k.XMLName = readRoot(r, keyNamespace, "IssuerPublicKey")
	for name := range r.Children() {
		switch string(name) {
		case "Counter":
			k.Counter = readUint(r)
		case "ExpiryDate":
			k.ExpiryDate = number(r, 64, r.Text())
		case "Elements":
			k.readElements(r)
		case "ECDSA":
			k.ECDSA = r.Text()
		}
	}
}

func (k *publicKeyXML) readElements(r *plainxml.Reader) {
	for name := range r.Children() {
		switch string(name) {
		case "n":
			k.N = r.Text()
		case "Z":
			k.Z = r.Text()
		case "S":
			k.S = r.Text()
		case "G":
			k.G = r.Text()
		case "H":
			k.H = r.Text()
		case "Bases":
			k.readBases(r)
		}
	}
}

func (k *publicKeyXML) readBases(r *plainxml.Reader) {
	if text, found := r.Attr("num"); found {
		k.Bases.Num = readInt(r, text)
	}
	for range r.Children() {
		k.Bases.Elements = append(k.Bases.Elements, r.Text())
	}
}

func (k *privateKeyXML) readPlain(r *plainxml.Reader) {
	k.XMLName = readRoot(r, keyNamespace, "IssuerPrivateKey")
	for name := range r.Children() {
		switch string(name) {
		case "Counter":
			k.Counter = readUint(r)
		case "ExpiryDate":
			k.ExpiryDate = number(r, 64, r.Text())
		case "Elements":
			k.readElements(r)
		case "ECDSA":
			k.ECDSA = r.Text()
		}
	}
}

func (k *privateKeyXML) readElements(r *plainxml.Reader) {
	for name := range r.Children() {
		switch string(name) {
		case "p":
			k.P = r.Text()
		case "q":
			k.Q = r.Text()
		case "pPrime":
			k.PPrime = r.Text()
		case "qPrime":
			k.QPrime = r.Text()
		}
	}
}
