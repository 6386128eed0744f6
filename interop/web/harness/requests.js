// Session requests with the attributes of the demo scheme.

const over18 = 'irmad-demo.gov.ageLimits.over18'
const familyName = 'irmad-demo.gov.personalData.familyName'

export const demo = {
  over18,
  familyName,

  /** Issues everything that the other requests ask for. */
  issuance () {
    return {
      '@context': 'https://irma.app/ld/request/issuance/v2',
      credentials: [{
        credential: 'irmad-demo.gov.ageLimits',
        attributes: { over12: 'yes', over16: 'yes', over18: 'yes', over21: 'no' }
      }, {
        credential: 'irmad-demo.gov.personalData',
        attributes: { firstName: 'Johanna', familyName: 'Demo', birthDate: '01-01-1990', city: 'Arnhem' }
      }]
    }
  },

  /** Asks for one attribute; a server gives no pairing hint for this. */
  disclosure (attribute = over18) {
    return { '@context': 'https://irma.app/ld/request/disclosure/v2', disclose: [[[attribute]]] }
  },

  /** Asks for one value; a server gives a pairing hint for this. */
  disclosureOfValue (type = over18, value = 'yes') {
    return { '@context': 'https://irma.app/ld/request/disclosure/v2', disclose: [[[{ type, value }]]] }
  },

  /** Asks for a signature with one attribute. */
  signature (message, attribute = over18) {
    return { '@context': 'https://irma.app/ld/request/signature/v2', message, disclose: [[[attribute]]] }
  },

  /** Makes a request the first of a chain; url supplies the next one. */
  chained (request, url) {
    return { request, nextSession: { url } }
  }
}
