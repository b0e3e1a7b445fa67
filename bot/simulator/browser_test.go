package simulator_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"kinerja/bot/simulator"
	"kinerja/store/storetest"
)

// browser finds Chromium. Without one the test fails, because a page that no browser has shown is not tested.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	if os.Getenv("KINERJA_ALLOW_MISSING") == "1" {
		t.Skip("LEFT OUT: no Chromium, and KINERJA_ALLOW_MISSING=1")
	}
	t.Fatal("no Chromium: run `make test`, which installs it, or set CHROMIUM")
	return ""
}

// page opens the simulator's page in a headless browser and notes every host that it asks.
func page(t *testing.T, address string) (context.Context, func() []string) {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 860),
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true), chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	var mu sync.Mutex
	var asked []string
	note := func(event any) {
		if sent, ok := event.(*network.EventRequestWillBeSent); ok {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, sent.Request.URL)
		}
	}
	tab, closeTab := chromedp.NewContext(allocator, chromedp.WithListener(note))
	t.Cleanup(func() {
		if err := chromedp.Cancel(tab); err != nil {
			t.Logf("close the browser: %v", err)
		}
		closeTab()
	})
	limited, cancel := context.WithTimeout(tab, time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Do(limited, chromedp.Navigate(address), chromedp.WaitVisible(fmt.Sprintf("#phone-%d form", anna))); err != nil {
		t.Fatalf("open the page: %v", err)
	}
	return limited, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return asked
	}
}

// read runs one action and returns its value.
func read[T any](tab context.Context, t *testing.T, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(tab, action)
	if err != nil {
		t.Fatalf("read the page: %v", err)
	}
	return value
}

// toyBot answers a text with a card that has a button and a link, and a tap with a toast and another text.
func toyBot(ctx context.Context, t *testing.T, b *tg.Bot) {
	t.Helper()
	answer := func(u *models.Update) error {
		if u.Message != nil {
			link := fmt.Sprintf(`<a href="https://t.me/%s?start=KODE123">undangan</a>`, "kinerja_demo_bot")
			_, err := b.SendMessage(ctx, &tg.SendMessageParams{ChatID: u.Message.Chat.ID, Text: "Halo <b>Anna</b> " + link, ParseMode: models.ParseModeHTML, ReplyMarkup: keyboard(button("Setuju", "yes"))})
			return err
		}
		if u.CallbackQuery == nil {
			return nil
		}
		if _, err := b.AnswerCallbackQuery(ctx, &tg.AnswerCallbackQueryParams{CallbackQueryID: u.CallbackQuery.ID, Text: "Tersimpan"}); err != nil {
			return err
		}
		_, err := b.EditMessageText(ctx, &tg.EditMessageTextParams{ChatID: u.CallbackQuery.From.ID, MessageID: u.CallbackQuery.Message.Message.ID, Text: "Terima kasih"})
		return err
	}
	for offset := int64(0); ctx.Err() == nil; {
		updates, err := getUpdatesWait(b, offset, 1) //nolint:contextcheck // ends when the server closes
		if err != nil {
			return // the server is closing
		}
		for _, u := range updates {
			if err := answer(u); err != nil && ctx.Err() == nil {
				t.Errorf("toy bot: %v", err)
			}
			offset = u.ID + 1
		}
	}
}

func TestThePageShowsPhonesSideBySideInARealBrowser(t *testing.T) {
	clock := storetest.NewClock(storetest.Start)
	s, b, address := start(t, simulator.Options{Now: clock.Now, Clock: clock})
	life, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	working.Go(func() { toyBot(life, t, b) })
	t.Cleanup(func() {
		stop()
		s.Close()
		working.Wait()
	})
	tab, asked := page(t, address)
	phone := fmt.Sprintf("#phone-%d", anna)
	hostile := `<img src=x onerror="document.title='broken'"> <script>document.title='broken'</script>`
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(tab, steps...); err != nil {
			t.Fatalf("use the page: %v", err)
		}
	}
	// The messages are: 1 /start, 2 its answer, 3 what is typed here, 4 the answer to that.
	do(chromedp.WaitVisible(phone+` [data-message="2"] button`), chromedp.SendKeys(phone+" input[name=text]", hostile+"\r"), chromedp.WaitVisible(phone+` [data-message="4"] button`))
	bubble := read(tab, t, chromedp.Text(phone+` [data-message="3"] .bubble`))
	images := read(tab, t, chromedp.Evaluate[int](`document.querySelectorAll('.chat img, .chat script').length`))
	do(chromedp.Click(phone+` [data-message="4"] button`), chromedp.WaitVisible(phone+" .toast"))
	toast := read(tab, t, chromedp.Text(phone+` [data-message="4"] .toast`)) // beside the buttons that were tapped, and over nothing
	over := read(tab, t, chromedp.Evaluate[string](`getComputedStyle(document.querySelector('.toast')).position + ' ' + getComputedStyle(document.querySelector('.toast')).backgroundColor`))
	if !strings.HasPrefix(over, "static rgb(") {
		t.Errorf("the answer to a tap is %s", over)
	}
	do(chromedp.WaitNotPresent(phone+" .waiting"), chromedp.WaitNotPresent(phone+` [data-message="4"] button`))
	edited := read(tab, t, chromedp.Text(phone+` [data-message="4"] .bubble`))
	for n := range 6 {
		do(chromedp.SendKeys(phone+" input[name=text]", "lagi\r"), chromedp.WaitVisible(fmt.Sprintf(`%s [data-message="%d"] button`, phone, 6+2*n)))
	}
	do(chromedp.Click(phone+` [data-message="2"] button`), chromedp.WaitNotPresent(phone+` [data-message="2"] button`))
	if !read(tab, t, chromedp.Evaluate[bool](`(() => { const card = document.querySelector('[data-message="2"]').getBoundingClientRect(),
		chat = document.querySelector('[data-message="2"]').closest('.chat').getBoundingClientRect(); return card.top >= chat.top - 1 && card.bottom <= chat.bottom + 1 })()`)) {
		t.Error("an older card that changes is out of sight")
	}
	before := read(tab, t, chromedp.Text("#now"))
	do(chromedp.Click(`[data-advance="24h"]`))
	now := before
	for now == before && tab.Err() == nil { // the page asks for the time by itself; the context bounds this
		now = read(tab, t, chromedp.Text("#now"))
	}
	title := read(tab, t, chromedp.Title())
	if !strings.Contains(bubble, hostile) || images != 0 || title == "broken" {
		t.Errorf("what a person typed became markup: bubble %q, %d elements, title %q", bubble, images, title)
	}
	if toast != "Tersimpan" || !strings.Contains(edited, "Terima kasih") || !strings.Contains(now, "5 Januari 2027") {
		t.Errorf("toast %q, edited card %q, clock %q", toast, edited, now)
	}
	if got := len(s.Chat(budi)); got != 0 {
		t.Errorf("the phone beside it got %d messages", got)
	}
	for _, url := range asked() {
		if !strings.HasPrefix(url, address) && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "chrome:") {
			t.Errorf("the page asked another host: %s", url)
		}
	}
}

// What a phone of 360 by 740 pixels has to show at once, whoever is looked at.
const onAPhone = `(() => {
	const box = q => document.querySelector(q).getBoundingClientRect();
	const seen = [...document.querySelectorAll('.phone')].filter(p => p.getClientRects().length);
	const composer = seen[0].querySelector('input[name=text]').getBoundingClientRect();
	const controls = [...seen[0].querySelectorAll('button, input')].filter(c => c.getClientRects().length);
	const taps = [...document.querySelectorAll('header > button, #clock button, header summary')].filter(b => b.getClientRects().length);
	return [
		seen.map(p => p.id).join(),
		'header in one line: ' + (new Set(taps.map(b => b.getBoundingClientRect().top)).size === 1),
		'composer seen: ' + (composer.width > 100 && composer.bottom <= innerHeight),
		'nothing beside the screen: ' + (document.documentElement.scrollWidth <= innerWidth),
		'composer first: ' + (controls[0].name === 'text'),
	].join('; ');
})()`

func TestOnANarrowScreenOnePhoneIsSeenAtATimeWithItsComposer(t *testing.T) {
	s, b, address := start(t, simulator.Options{})
	tab, _ := page(t, address)
	if err := chromedp.Do(tab, chromedp.EmulateViewport(360, 740), chromedp.WaitVisible("#tabs button")); err != nil {
		t.Fatalf("make the screen narrow: %v", err)
	}
	want := func(user int64) string {
		return fmt.Sprintf("phone-%d; header in one line: true; composer seen: true; nothing beside the screen: true; composer first: true", user)
	}
	if got := read(tab, t, chromedp.Evaluate[string](onAPhone)); got != want(anna) {
		t.Errorf("the first phone: %s", got)
	}
	s.Welcome(budi)
	// A message to the hidden phone is told on its tab; a tap on the tab shows it.
	if _, err := b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: budi, Text: "Halo"}); err != nil {
		t.Fatalf("send: %v", err)
	}
	hidden := fmt.Sprintf(`#tabs [data-phone="%d"]`, budi)
	if err := chromedp.Do(tab, chromedp.WaitVisible(hidden+".fresh"), chromedp.Click(hidden), chromedp.WaitVisible(fmt.Sprintf("#phone-%d", budi))); err != nil {
		t.Fatalf("turn to the other phone: %v", err)
	}
	if got := read(tab, t, chromedp.Evaluate[string](onAPhone)); got != want(budi) {
		t.Errorf("the other phone: %s", got)
	}
	if fresh := read(tab, t, chromedp.Evaluate[int](`document.querySelectorAll('#tabs .fresh').length`)); fresh != 0 {
		t.Error("the tab still says that there is something new")
	}
}

func TestAnInvitedPhoneOpensItsInvitation(t *testing.T) {
	s, _, address := start(t, simulator.Options{})
	s.AddPhone(simulator.Phone{ID: 77, Name: "Cici", Language: "id", Label: "Belum terhubung · Cici", Start: "K7QF2MXD9TRB4WCN"})
	tab, _ := page(t, address+fmt.Sprintf("?phones=%d,77", anna))
	if err := chromedp.Do(tab, chromedp.WaitVisible("#phone-77 .hint button"), chromedp.Click("#phone-77 .hint button")); err != nil {
		t.Fatalf("open the invitation: %v", err)
	}
	typed := func() bool {
		chat := s.Chat(77)
		return len(chat) > 0 && chat[0].Text == "/start K7QF2MXD9TRB4WCN"
	}
	if err := s.Wait(ctx(t), typed); err != nil {
		t.Errorf("the invitation typed nothing: %v", err)
	}
}

func TestAPhoneIsAddedOnThePage(t *testing.T) {
	s, _, address := start(t, simulator.Options{})
	tab, _ := page(t, address)
	// Without a name nothing is added, and the page says where it is missing.
	err := chromedp.Do(tab, chromedp.EmulateViewport(360, 740), chromedp.WaitVisible("#tabs button"), chromedp.Click("#picker summary"),
		chromedp.WaitVisible("#bought"), chromedp.Click("#bought"), chromedp.WaitVisible(`#buyer[aria-invalid=true]`))
	if err != nil || len(s.Phones()) != 2 {
		t.Fatalf("a phone of nobody: %v, %d phones", err, len(s.Phones()))
	}
	err = chromedp.Do(tab, chromedp.SendKeys("#buyer", "  Siti <b>Rahayu</b> "), chromedp.SendKeys("#number", "+628126600001"), chromedp.Click("#bought"))
	if err != nil {
		t.Fatalf("add a phone: %v", err)
	}
	if err := s.Wait(ctx(t), func() bool { return len(s.Phones()) == 3 }); err != nil {
		t.Fatalf("the phone was not added: %v", err)
	}
	added := s.Phones()[2]
	own := fmt.Sprintf("#phone-%d", added.ID)
	if err := chromedp.Do(tab, chromedp.WaitVisible(own+" .hint"), chromedp.SendKeys(own+" input[name=text]", "/start KODE123\r")); err != nil {
		t.Fatalf("write on the new phone: %v", err)
	}
	if err := s.Wait(ctx(t), func() bool { return len(s.Chat(added.ID)) == 1 }); err != nil {
		t.Fatalf("the new phone wrote nothing: %v", err)
	}
	if beside := read(tab, t, chromedp.Evaluate[string](onAPhone)); added.Name != "Siti <b>Rahayu</b>" || added.Phone != "+628126600001" || !strings.HasPrefix(beside, own[1:]) {
		t.Errorf("added %+v, shown %s", added, beside)
	}
}

func TestADeepLinkOpensInThePhoneThatClickedIt(t *testing.T) {
	s, b, address := start(t, simulator.Options{})
	link := `<a href="https://t.me/kinerja_demo_bot?start=KODE123">undangan</a>`
	if _, err := b.SendMessage(ctx(t), &tg.SendMessageParams{ChatID: anna, Text: link, ParseMode: models.ParseModeHTML}); err != nil {
		t.Fatalf("send: %v", err)
	}
	tab, _ := page(t, address)
	if err := chromedp.Do(tab, chromedp.Click(fmt.Sprintf("#phone-%d .bubble a", anna))); err != nil {
		t.Fatalf("click: %v", err)
	}
	typed := func() bool {
		chat := s.Chat(anna)
		return chat[len(chat)-1].Text == "/start KODE123"
	}
	if err := s.Wait(ctx(t), typed); err != nil {
		t.Errorf("the link typed nothing: %v", err)
	}
}

func TestTheClientPlaysOverHTTP(t *testing.T) {
	s := simulator.New(simulator.Options{Phones: []simulator.Phone{{ID: anna, Name: "Anna"}}})
	server := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		s.Close()
		http.DefaultClient.CloseIdleConnections()
		server.Close()
	})
	c := simulator.Client{BaseURL: server.URL}
	if err := c.Type(ctx(t), anna, "halo"); err != nil {
		t.Fatalf("type: %v", err)
	}
	view, err := c.Await(ctx(t), anna, func(v simulator.View) bool { return len(v.Messages) == 1 })
	if err != nil || view.Messages[0].Text != "halo" {
		t.Errorf("the chat shows %+v, %v", view.Messages, err)
	}
	if err := c.Tap(ctx(t), anna, "nothing"); err == nil {
		t.Error("a button that is not there was tapped")
	}
}
