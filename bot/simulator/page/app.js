'use strict';
// The phones. Everything a person wrote is put in as text; markup comes from the server, which lets through Telegram's few tags only.
const words = {
  id: { subtitle: 'simulator Telegram', pick: 'Pilih ponsel', write: 'Tulis pesan…', send: 'Kirim', menu: 'Perintah', attach: 'Lampirkan berkas', typing: 'sedang mengetik…', edited: 'diedit', ok: 'OK', '1h': '+1 jam', '24h': '+1 hari', '168h': '+7 hari', other: 'English', empty: 'Ketik /mulai untuk memulai.' },
  en: { subtitle: 'Telegram simulator', pick: 'Choose phones', write: 'Write a message…', send: 'Send', menu: 'Commands', attach: 'Attach a file', typing: 'is typing…', edited: 'edited', ok: 'OK', '1h': '+1 hour', '24h': '+1 day', '168h': '+7 days', other: 'Bahasa Indonesia', empty: 'Type /mulai to begin.' },
};
const query = new URLSearchParams(location.search);
let language = query.get('lang') === 'en' ? 'en' : 'id';
const say = key => words[language][key];
const $ = (selector, root = document) => root.querySelector(selector);
let people = [], bot = '', shown = [], views = new Map();

const post = (path, form) => fetch(path, { method: 'POST', body: new URLSearchParams(form) });
const act = (user, form) => post('/sim/act', { user, ...form });

function element(tag, attributes = {}, text) {
  const made = document.createElement(tag);
  Object.assign(made, attributes);
  if (text !== undefined) made.textContent = text;
  return made;
}

function remember() {
  query.set('phones', shown.join(','));
  query.set('lang', language);
  history.replaceState(null, '', '?' + query);
}

// A link to this bot with a start code opens in the phone that clicked it, as Telegram does.
function openLinks(bubble, user) {
  for (const a of bubble.querySelectorAll('a')) {
    const start = startCode(a.href);
    a.target = '_blank';
    if (start) a.onclick = event => { event.preventDefault(); act(user, { do: 'type', text: '/start ' + start }); };
  }
}
function startCode(address) {
  const url = new URL(address, location.href);
  return url.hostname === 't.me' && url.pathname.slice(1).toLowerCase() === bot.toLowerCase() ? url.searchParams.get('start') : '';
}

function drawButton(user, message, b, waiting) {
  if (b.url) {
    const a = element('a', { href: b.url, target: '_blank', rel: 'noopener' }, b.text);
    const start = startCode(b.url);
    if (start) a.onclick = event => { event.preventDefault(); act(user, { do: 'type', text: '/start ' + start }); };
    return a;
  }
  const button = element('button', { type: 'button', className: b.style || '' }, b.text);
  if (b.copy) button.onclick = () => navigator.clipboard && navigator.clipboard.writeText(b.copy);
  else button.onclick = () => { button.classList.add('waiting'); act(user, { do: 'tap', message: message.id, data: b.callback_data }); };
  if (b.callback_data) button.dataset.data = b.callback_data;
  return button;
}

function drawMessage(user, m) {
  const box = element('div', { className: 'message' + (m.from_bot ? '' : ' mine') + (m.protected ? ' protected' : '') });
  box.dataset.message = m.id;
  const bubble = element('div', { className: 'bubble' });
  bubble.innerHTML = m.html; // made by the server from a list of tags, everything else escaped
  if (m.file) bubble.prepend(element('div', {}, '📄 ' + m.file));
  openLinks(bubble, user);
  const at = new Date(m.date).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Jakarta' });
  bubble.append(element('div', { className: 'meta' }, (m.edited ? say('edited') + ' ' : '') + at));
  box.append(bubble);
  for (const row of m.buttons || []) {
    const line = element('div', { className: 'row' });
    for (const b of row) line.append(drawButton(user, m, b));
    box.append(line);
  }
  if (m.contact) {
    const line = element('div', { className: 'row' });
    line.append(element('button', { type: 'button', className: 'primary', onclick: () => act(user, { do: 'contact' }) }, '📱 ' + m.contact));
    box.append(line);
  }
  return box;
}

function showToast(phone, toast) {
  const box = $('.toast', phone);
  if (!toast.text) return;
  box.textContent = toast.text;
  box.hidden = false;
  clearTimeout(box.timer);
  if (toast.alert) box.append(element('button', { type: 'button', onclick: () => { box.hidden = true; } }, say('ok')));
  else box.timer = setTimeout(() => { box.hidden = true; }, 3500);
}

async function refresh(user) {
  const phone = document.getElementById('phone-' + user);
  if (!phone) return;
  const view = await (await fetch('/sim/chat?user=' + user)).json();
  const before = views.get(user);
  const text = JSON.stringify(view);
  if (before && before.text === text) return;
  views.set(user, { text, toasts: view.toasts ? view.toasts.length : 0, last: view.toasts && view.toasts.length ? view.toasts.at(-1).update_id : 0 });
  const chat = $('.chat', phone);
  const focus = document.activeElement && chat.contains(document.activeElement) ? document.activeElement.dataset.data : '';
  chat.replaceChildren(...(view.messages || []).map(m => drawMessage(user, m)));
  if (!chat.children.length) chat.append(element('p', { className: 'hint' }, say('empty')));
  if (view.typing) chat.append(element('p', { className: 'meta' }, 'kinerja ' + say('typing')));
  if (focus) { const again = chat.querySelector(`[data-data="${CSS.escape(focus)}"]`); if (again) again.focus(); }
  chat.scrollTop = chat.scrollHeight;
  const commands = $('.commands', phone);
  commands.replaceChildren(...(view.commands || []).map(c => element('button', { type: 'button', onclick: () => { commands.hidden = true; act(user, { do: 'type', text: '/' + c.command }); } }, '/' + c.command + ' · ' + c.description)));
  const last = view.toasts && view.toasts.at(-1);
  if (before && last && last.update_id !== before.last) showToast(phone, last);
}

function addPhone(user) {
  const p = people.find(one => one.id === user);
  if (!p) return;
  const phone = $('#phone').content.firstElementChild.cloneNode(true);
  phone.id = 'phone-' + user;
  phone.setAttribute('aria-label', p.label || p.name);
  const [role, name] = (p.label || p.name).split(' · ');
  $('h2', phone).append(role, element('small', {}, name || (p.username ? '@' + p.username : ' ')));
  $('input[name=text]', phone).placeholder = say('write');
  $('input[name=text]', phone).setAttribute('aria-label', say('write'));
  $('.send', phone).setAttribute('aria-label', say('send'));
  $('.menu', phone).setAttribute('aria-label', say('menu'));
  $('.attach', phone).setAttribute('aria-label', say('attach'));
  $('form', phone).onsubmit = event => {
    event.preventDefault();
    const field = event.target.elements.text;
    if (field.value.trim()) act(user, { do: 'type', text: field.value });
    field.value = '';
  };
  $('.menu', phone).onclick = () => { const c = $('.commands', phone); c.hidden = !c.hidden; };
  $('input[type=file]', phone).onchange = event => {
    const body = new FormData();
    body.set('file', event.target.files[0]);
    body.set('user', user);
    fetch('/sim/upload', { method: 'POST', body });
    event.target.value = '';
  };
  $('#phones').append(phone);
  refresh(user);
}

function choose(ids) {
  shown = ids;
  views.clear();
  $('#phones').replaceChildren();
  shown.forEach(addPhone);
  remember();
}

function drawHeader() {
  document.documentElement.lang = language;
  $('#subtitle').textContent = '· ' + say('subtitle');
  $('#pick').textContent = say('pick');
  $('#language').textContent = say('other');
  for (const b of document.querySelectorAll('[data-advance]')) b.textContent = say(b.dataset.advance);
  $('#people').replaceChildren(...people.map(p => {
    const label = element('label'), box = element('input', { type: 'checkbox', checked: shown.includes(p.id) });
    box.onchange = () => choose(box.checked ? [...shown, p.id] : shown.filter(id => id !== p.id));
    label.append(box, ' ' + (p.label || p.name));
    return label;
  }));
}

async function tick() {
  const { now } = await (await fetch('/sim/clock')).json();
  $('#clock').hidden = !now;
  if (now) $('#now').textContent = new Date(now).toLocaleString(language, { dateStyle: 'full', timeStyle: 'short', timeZone: 'Asia/Jakarta' }) + ' WIB';
}

async function begin() {
  ({ phones: people, bot } = await (await fetch('/sim/phones')).json());
  const asked = (query.get('phones') || '').split(',').map(Number).filter(id => people.some(p => p.id === id));
  choose(asked.length ? asked : people.slice(0, 3).map(p => p.id));
  drawHeader();
  await tick();
  const code = query.get('start'), user = Number(query.get('user')) || shown[0];
  if (code) { query.delete('start'); remember(); act(user, { do: 'type', text: '/start ' + code }); }
  for (const b of document.querySelectorAll('[data-advance]')) b.onclick = async () => { await post('/sim/clock', { advance: b.dataset.advance }); tick(); };
  $('#language').onclick = () => { language = language === 'id' ? 'en' : 'id'; drawHeader(); choose(shown); tick(); };
  let pending = false;
  new EventSource('/sim/events').onmessage = () => {
    if (pending) return;
    pending = true;
    setTimeout(() => { pending = false; shown.forEach(refresh); tick(); }, 30);
  };
}
begin();
