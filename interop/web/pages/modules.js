// The frontend of a website that uses the modules one by one.
import '@privacybydesign/yivi-css/dist/yivi.css'

import { YiviClient } from '@privacybydesign/yivi-client'
import { YiviCore } from '@privacybydesign/yivi-core'
import { YiviWeb } from '@privacybydesign/yivi-web'

window.newFrontend = options => {
  const core = new YiviCore(options)
  core.use(YiviWeb)
  core.use(YiviClient)
  return core
}
