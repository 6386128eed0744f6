// Tabs that work with the keyboard as people expect: arrows move, and the panel
// follows.

/** Makes the tabs work, and returns a function that chooses one by name. */
export function tabs (list) {
  const all = [...list.querySelectorAll('[role=tab]')]
  const select = (tab, focus) => {
    for (const other of all) {
      const chosen = other === tab
      other.setAttribute('aria-selected', String(chosen))
      other.tabIndex = chosen ? 0 : -1
      document.getElementById(other.getAttribute('aria-controls')).hidden = !chosen
    }
    if (focus) tab.focus()
  }
  list.addEventListener('click', event => {
    const tab = event.target.closest('[role=tab]')
    if (tab) select(tab)
  })
  list.addEventListener('keydown', event => {
    const at = all.indexOf(document.activeElement)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    select(all.at(to % all.length), true)
  })
  return name => select(document.getElementById(`tab-${name}`))
}
