'use strict';
// The phones. Everything a person wrote is put in as text; markup comes from the server, which lets through Telegram's few tags only.
const words = {
  id: { subtitle: 'simulator Telegram', pick: 'Pilih ponsel', write: 'Tulis pesan…', send: 'Kirim', menu: 'Perintah', attach: 'Lampirkan gambar atau berkas', picture: 'Gambar', typing: 'sedang mengetik…', edited: 'diedit', ok: 'OK', '1h': '+1 jam', '24h': '+1 hari', '168h': '+7 hari', short: { '1h': '+1 j', '24h': '+1 h', '168h': '+7 h' }, other: 'English', code: 'EN',
    empty: 'Ketik /mulai untuk memulai.', invited: 'Undangan Anda: ', invitation: 'Buka tautan undangan', fresh: 'ada yang baru', buyer: 'Nama pemilik ponsel', number: 'Nomor, misalnya +628126600001', bought: 'Tambah ponsel' },
  en: { subtitle: 'Telegram simulator', pick: 'Choose phones', write: 'Write a message…', send: 'Send', menu: 'Commands', attach: 'Attach a picture or a file', picture: 'Picture', typing: 'is typing…', edited: 'edited', ok: 'OK', '1h': '+1 hour', '24h': '+1 day', '168h': '+7 days', short: { '1h': '+1 h', '24h': '+1 d', '168h': '+7 d' }, other: 'Bahasa Indonesia', code: 'ID',
    empty: 'Type /mulai to begin.', invited: 'Your invitation: ', invitation: 'Open the invitation link', fresh: 'something new', buyer: 'Name of its owner', number: 'Number, such as +628126600001', bought: 'Add a phone' },
};
const query = new URLSearchParams(location.search);
let language = query.get('lang') === 'en' ? 'en' : 'id';
const say = key => words[language][key];
const $ = (selector, root = document) => root.querySelector(selector);
const narrow = matchMedia('(max-width: 50rem)'); // one phone at a time, with tabs
let people = [], bot = '', shown = [], current = 0, views = new Map();

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

// Where each person tapped last: the answer to the tap stands there.
const tapped = new Map();

function drawButton(user, message, b, waiting) {
  if (b.url) {
    const a = element('a', { href: b.url, target: '_blank', rel: 'noopener' }, b.text);
    const start = startCode(b.url);
    if (start) a.onclick = event => { event.preventDefault(); act(user, { do: 'type', text: '/start ' + start }); };
    return a;
  }
  const button = element('button', { type: 'button', className: b.style || '' }, b.text);
  if (b.copy) button.onclick = () => navigator.clipboard && navigator.clipboard.writeText(b.copy);
  else button.onclick = () => { button.classList.add('waiting'); tapped.set(user, message.id); act(user, { do: 'tap', message: message.id, data: b.callback_data }); };
  if (b.callback_data) button.dataset.data = b.callback_data;
  return button;
}

function drawMessage(user, m) {
  const box = element('div', { className: 'message' + (m.from_bot ? '' : ' mine') + (m.protected ? ' protected' : '') });
  box.dataset.message = m.id;
  const bubble = element('div', { className: 'bubble' });
  bubble.innerHTML = m.html; // made by the server from a list of tags, everything else escaped
  if (m.photo) bubble.prepend(element('img', { className: 'photo', src: '/sim/file?id=' + encodeURIComponent(m.file_id), alt: say('picture') }));
  else if (m.file) bubble.prepend(element('a', { className: 'file', href: '/sim/file?id=' + encodeURIComponent(m.file_id), download: m.file }, '📄 ' + m.file));
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

// The answer to a tap stands under the buttons of its message, also when the message is drawn anew.
function placeToast(phone, user) {
  const toast = phone.toast;
  if (!toast) return;
  const message = $(`[data-message="${tapped.get(user)}"]`, phone), chat = $('.chat', phone);
  if (message) message.append(toast);
  else chat.append(toast);
  toast.scrollIntoView({ block: 'nearest' });
}
function endToast(phone) {
  if (phone.toast) phone.toast.remove();
  phone.toast = null;
}
function showToast(phone, user, answer) {
  if (!answer.text) return;
  endToast(phone);
  clearTimeout(phone.timer);
  phone.toast = element('div', { className: 'toast' }, answer.text);
  phone.toast.setAttribute('role', answer.alert ? 'alert' : 'status');
  if (answer.alert) phone.toast.append(element('button', { type: 'button', onclick: () => { endToast(phone); $('input[name=text]', phone).focus(); } }, say('ok')));
  else phone.timer = setTimeout(() => endToast(phone), 3500);
  placeToast(phone, user);
}

// What an empty chat says; to whoever is not linked yet, how he comes in.
function hintFor(user) {
  const hint = element('p', { className: 'hint' }, say('empty'));
  const { start } = people.find(p => p.id === user);
  if (!start) return hint;
  hint.textContent = say('invited') + start.match(/.{1,4}/g).join('-');
  const row = element('div', { className: 'row' });
  row.append(element('button', { type: 'button', className: 'primary', onclick: () => act(user, { do: 'type', text: '/start ' + start }) }, say('invitation')));
  hint.append(row);
  return hint;
}

// What is new stands at the end of the chat. A card that only changed is seen where it stands, and the tapped one whole if it fits.
function showPlace(chat, top, user) {
  chat.scrollTop = top;
  const card = top < chat.scrollHeight && $(`[data-message="${tapped.get(user)}"]`, chat);
  if (card) card.scrollIntoView({ block: card.offsetHeight < chat.clientHeight ? 'nearest' : 'start' });
}

async function refresh(user) {
  const phone = document.getElementById('phone-' + user);
  if (!phone) return;
  const view = await (await fetch('/sim/chat?user=' + user)).json();
  const before = views.get(user);
  const text = JSON.stringify(view);
  if (before && before.text === text) return;
  const newest = view.messages && view.messages.length ? view.messages.at(-1).id : 0;
  views.set(user, { text, newest, toasts: view.toasts ? view.toasts.length : 0, last: view.toasts && view.toasts.length ? view.toasts.at(-1).update_id : 0 });
  const chat = $('.chat', phone), top = chat.scrollTop;
  const focus = document.activeElement && chat.contains(document.activeElement) ? document.activeElement.dataset.data : '';
  chat.replaceChildren(...(view.messages || []).map(m => drawMessage(user, m)));
  if (!chat.children.length) chat.append(hintFor(user));
  if (view.typing) chat.append(element('p', { className: 'meta' }, 'kinerja ' + say('typing')));
  if (focus) { const again = chat.querySelector(`[data-data="${CSS.escape(focus)}"]`); if (again) again.focus(); }
  showPlace(chat, before && before.newest === newest ? top : chat.scrollHeight, user);
  placeToast(phone, user);
  if (before) markFresh(user);
  const commands = $('.commands', phone);
  commands.replaceChildren(...(view.commands || []).map(c => element('button', { type: 'button', onclick: () => { openCommands(phone, false); act(user, { do: 'type', text: '/' + c.command }); } }, '/' + c.command + ' · ' + c.description)));
  const last = view.toasts && view.toasts.at(-1);
  if (before && last && last.update_id !== before.last) showToast(phone, user, last);
}

function openCommands(phone, open) {
  $('.commands', phone).hidden = !open;
  $('.menu', phone).setAttribute('aria-expanded', open);
  if (open && $('.commands button', phone)) $('.commands button', phone).focus();
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
  $('.attach input', phone).setAttribute('aria-label', say('attach'));
  $('form', phone).onsubmit = event => {
    event.preventDefault();
    const field = event.target.elements.text;
    if (field.value.trim()) act(user, { do: 'type', text: field.value });
    field.value = '';
  };
  $('.menu', phone).onclick = () => openCommands(phone, $('.commands', phone).hidden);
  phone.onkeydown = event => { if (event.key === 'Escape') openCommands(phone, false); };
  $('input[type=file]', phone).onchange = event => {
    const body = new FormData();
    body.set('file', event.target.files[0]);
    body.set('user', user);
    body.set('caption', $('input[name=text]', phone).value);
    $('input[name=text]', phone).value = '';
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
  drawTabs();
  turnTo(shown.includes(current) ? current : shown[0]);
  remember();
}

// On a narrow screen one phone is seen at a time, and each has a tab.
function drawTabs() {
  $('#tabs').replaceChildren(...shown.map(id => {
    const p = people.find(one => one.id === id), label = p.label || p.name;
    const tab = element('button', { type: 'button', onclick: () => turnTo(id) }, label.split(' · ')[0]);
    tab.dataset.phone = id;
    tab.title = label;
    return tab;
  }));
}
function turnTo(user) {
  current = user;
  for (const tab of $('#tabs').children) {
    const chosen = Number(tab.dataset.phone) === user;
    tab.setAttribute('aria-pressed', chosen);
    if (chosen) { tab.classList.remove('fresh'); tab.removeAttribute('aria-description'); tab.scrollIntoView({ block: 'nearest', inline: 'nearest' }); }
  }
  for (const phone of document.querySelectorAll('.phone')) phone.classList.toggle('current', phone.id === 'phone-' + user);
  const chat = $('.phone.current .chat');
  if (chat) chat.scrollTop = chat.scrollHeight;
}
function markFresh(user) {
  const tab = $(`#tabs [data-phone="${user}"]`);
  if (!tab || user === current) return;
  tab.classList.add('fresh');
  tab.setAttribute('aria-description', say('fresh'));
}

function drawHeader() {
  document.documentElement.lang = language;
  $('#subtitle').textContent = '· ' + say('subtitle');
  $('#pick').textContent = say('pick');
  $('#language').textContent = narrow.matches ? say('code') : say('other');
  $('#language').setAttribute('aria-label', say('other'));
  $('#picker summary').setAttribute('aria-label', say('pick'));
  for (const b of document.querySelectorAll('[data-advance]')) {
    b.textContent = narrow.matches ? say('short')[b.dataset.advance] : say(b.dataset.advance);
    b.setAttribute('aria-label', say(b.dataset.advance));
  }
  for (const [id, key] of [['#buyer', 'buyer'], ['#number', 'number']]) {
    $(id).placeholder = say(key);
    $(id).setAttribute('aria-label', say(key));
  }
  $('#bought').textContent = say('bought');
  $('#people').replaceChildren(...people.map(p => {
    const label = element('label'), box = element('input', { type: 'checkbox', checked: shown.includes(p.id) });
    box.onchange = () => choose(box.checked ? [...shown, p.id] : shown.filter(id => id !== p.id));
    label.append(box, ' ' + (p.label || p.name));
    return label;
  }));
}

// Another person with a phone, who has not written to the bot yet.
async function buy() {
  const owner = $('#buyer'), number = $('#number');
  const answer = await post('/sim/phones', { name: owner.value, phone: number.value, language });
  owner.setAttribute('aria-invalid', !answer.ok);
  if (!answer.ok) { owner.focus(); return; }
  const added = await answer.json();
  people.push(added);
  owner.value = number.value = '';
  $('#picker').open = false;
  choose([...shown, added.id]);
  turnTo(added.id);
  drawHeader();
}

async function tick() {
  const { now } = await (await fetch('/sim/clock')).json();
  $('#clock').hidden = !now;
  if (now) $('#now').textContent = new Date(now).toLocaleString(language, { ...(narrow.matches ? { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } : { dateStyle: 'full', timeStyle: 'short' }), timeZone: 'Asia/Jakarta' }) + (narrow.matches ? '' : ' WIB');
}

async function begin() {
  ({ phones: people, bot } = await (await fetch('/sim/phones')).json());
  const asked = (query.get('phones') || '').split(',').map(Number).filter(id => people.some(p => p.id === id));
  choose(asked.length ? asked : people.slice(0, 3).map(p => p.id));
  drawHeader();
  $('#bought').onclick = buy;
  $('#buy').onkeydown = event => { if (event.key === 'Enter') buy(); };
  if (!people.length) { $('#picker').open = true; $('#buyer').focus(); }
  await tick();
  const code = query.get('start'), user = Number(query.get('user')) || shown[0];
  if (code) { query.delete('start'); remember(); act(user, { do: 'type', text: '/start ' + code }); }
  for (const b of document.querySelectorAll('[data-advance]')) b.onclick = async () => { await post('/sim/clock', { advance: b.dataset.advance }); tick(); };
  $('#language').onclick = () => { language = language === 'id' ? 'en' : 'id'; drawHeader(); choose(shown); tick(); };
  narrow.onchange = () => { drawHeader(); tick(); };
  let pending = false;
  new EventSource('/sim/events').onmessage = () => {
    if (pending) return;
    pending = true;
    setTimeout(() => { pending = false; shown.forEach(refresh); tick(); }, 30);
  };
}
begin();
