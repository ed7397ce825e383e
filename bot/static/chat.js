// The chat without loading the page again: sends in the background, asks for news, keeps the place.
// Whatever it cannot do it leaves to the form, which works by itself.
const POLL_MS = 4000
const IDLE_POLL_MS = 15000
const IDLE_AFTER_MS = 10 * 60 * 1000
const NEAR_END_PX = 60

const chat = document.querySelector('[data-chat]')
const part = (name) => chat.querySelector(`[data-chat-${name}]`)
const box = part('box')
const log = part('log')
const status = part('status')
const text = chat.querySelector('textarea')

let last = Number(chat.dataset.last)
let posts = 0
let inFlight = 0
let unsent = null // the words that went astray and the id they had: sent again, they are the same message
let lastActive = Date.now()
let queue = Promise.resolve()

function parse (html) {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content
}

function toEnd () {
  box.scrollTop = box.scrollHeight
}

// Long replies are read from their beginning; the box cannot scroll past its end, so short ones all fit.
function toStartOf (message) {
  box.scrollTop = message.offsetTop - log.offsetTop
}

// What a person sees of a part: its words and what its buttons send. The ids in its forms are always fresh.
function shape (content) {
  const buttons = [...content.querySelectorAll('button')].map((button) => button.value)
  return JSON.stringify([content.textContent.replace(/\s+/g, ' ').trim(), buttons])
}

// Leaves a part alone while it says the same, so that a button somebody is about to press stays where it is.
function fill (target, html) {
  const content = parse(html)
  if (shape(content) !== shape(target)) target.replaceChildren(content)
}

// `isMine`: the news answer something just sent from here; else a reader further up is left where they are.
function show (news, { isMine }) {
  if (news.last < last) {
    window.location.reload() // the session ended, here or in another window
    return
  }
  const messages = parse(news.messages)
  // The welcome was on the page before anything was stored; stored with the first message, it comes again.
  if (last === 0 && news.last > 0) messages.firstElementChild.remove()
  const firstNew = messages.querySelector('.app-message:not(.app-message--mine)') || messages.firstElementChild
  const wasAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX
  log.append(messages)
  last = news.last
  fill(part('choices'), news.choices)
  fill(part('reference'), news.reference)
  if (inFlight === 0) fill(status, news.status)
  if (firstNew !== null && (wasAtEnd || isMine)) toStartOf(firstNew)
  if (isMine) box.scrollIntoView({ block: 'nearest' }) // on a small screen the answer is above what was just pressed
}

function say (words) {
  const note = document.createElement('p')
  note.className = 'app-note'
  note.textContent = words
  status.replaceChildren(note)
}

function putBack (words) {
  text.value = [words, text.value].filter(Boolean).join('\n')
  countAgain()
}

function countAgain () {
  text.dispatchEvent(new Event('keyup'))
}

function idFor (fields) {
  const isAgain = ['text', 'choice'].every((name) => unsent !== null && unsent.get(name) === fields.get(name))
  if (isAgain) return unsent.get('id')
  posts += 1
  return `${fields.get('id')}.${posts}`
}

async function send (form, button, fields) {
  fields.set('after', last)
  const request = { method: 'POST', body: fields, headers: { Accept: 'application/json' } }
  const answer = await fetch(form.action, request).catch(() => null)
  inFlight -= 1
  if (answer === null || answer.status >= 500) {
    unsent = fields
    putBack(fields.get('text'))
    status.replaceChildren(part('not-sent').content.cloneNode(true))
  } else if (!answer.ok) {
    // The page says what is wrong, with the words still in the box: send the form as it is.
    putBack(fields.get('text'))
    form.dataset.plain = 'true'
    form.requestSubmit(button)
  } else {
    show(await answer.json(), { isMine: true })
  }
}

chat.addEventListener('submit', (event) => {
  const form = event.target
  const button = event.submitter
  if (form.dataset.plain) return
  event.preventDefault()
  lastActive = Date.now()
  const fields = new URLSearchParams(new FormData(form, button))
  fields.set('id', idFor(fields))
  inFlight += 1
  say(status.dataset.sending)
  if (form.contains(text)) {
    text.value = ''
    countAgain()
    text.focus()
  } else {
    box.focus() // the button will go; the text box would open a phone's keyboard over the answer
  }
  queue = queue.then(() => send(form, button, fields))
})

async function poll () {
  setTimeout(poll, Date.now() - lastActive > IDLE_AFTER_MS ? IDLE_POLL_MS : POLL_MS)
  if (inFlight > 0 || document.hidden || last === 0) return
  const answer = await fetch(`${chat.dataset.news}?after=${last}`).catch(() => null)
  // Without a connection the next round asks again; while a message is under way its own answer brings the news.
  if (answer !== null && answer.ok && inFlight === 0) show(await answer.json(), { isMine: false })
}

// A page that the browser kept alive while somebody was elsewhere may belong to a session that has ended.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) window.location.reload()
})

chat.classList.add('app-chat--live')
toEnd()
setTimeout(poll, POLL_MS)
