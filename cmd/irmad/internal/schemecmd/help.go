package schemecmd

import (
	"fmt"
	"io"
)

const schemesText = `Schemes say which credentials there are, who issues them and with which keys. Their
managers sign and publish them; irmad uses nothing that their signature does not cover.

Where schemes come from
  schemes_path         a directory with one folder per scheme. Without it, the first of
                       $XDG_DATA_HOME, ~/.local/share, /usr/local/share and /usr/share that
                       has irma/irma_configuration; if none has, the first is given it.
  the embedded demo    irmad-demo, for trying things; not in production.
  the default schemes  pbdf and irma-demo are fetched, with keys that irmad knows, into a
                       directory that has no schemes. A directory that has some keeps those.

How they stay up to date
  schemes_update       irmad looks for new versions of all schemes in the directory every so
                       many minutes (60; 0 is never), and when a request or wallet names
                       something that is not in them, in the background, once a minute at most.
  schemes_mirror       where to fetch pbdf and irma-demo: this URL with /pbdf and /irma-demo.
                       Signatures are checked all the same. HTTP_PROXY, HTTPS_PROXY and
                       NO_PROXY are respected.
  schemes_assets_path  a directory whose schemes are copied into schemes_path at the start,
                       where they are newer: for images of containers without a network.

  A new version is put beside the old one, checked as a whole and then takes its place;
  if anything is wrong with it, or if it is older, the old version stays. Sessions go on with
  the schemes that they began with. Files that are put into the directory by hand are loaded
  within a minute, or at once on SIGHUP.

Keys to issue with
  <scheme>/<issuer>/PrivateKeys/<counter>.xml in schemes_path, and files
  scheme.issuer.xml or scheme.issuer.counter.xml in the directory privkeys, which may be a
  mounted secret. The key with the highest counter issues. Keys are loaded again when they
  change; one that is wrong leaves the old ones in use. Thirty days before a key expires the
  log says so, every day.
`

// ExplainSchemes tells where schemes and issuers' keys come from.
func ExplainSchemes(w io.Writer) error {
	_, err := fmt.Fprint(w, schemesText)
	return err
}
