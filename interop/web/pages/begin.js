// What a website does when its visitor must show attributes. The page defines
// newFrontend, which makes the frontend with the page's library.
window.begin = ({ server, request, state }) => {
  const frontend = window.newFrontend({
    debugging: true,
    language: 'en',
    element: '#yivi-web-form',
    session: {
      url: server,
      start: {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(request)
      }
    },
    state
  })
  window.abort = () => frontend.abort()
  window.outcome = frontend.start().then(
    result => ({ result }),
    error => ({ error: String(error) })
  )
}
