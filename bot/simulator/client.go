package simulator

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client plays people over HTTP, as the page does.
type Client struct {
	BaseURL string // such as http://localhost:8080
}

// Type sends a text.
func (c Client) Type(ctx context.Context, user int64, text string) error {
	return c.act(ctx, url.Values{"do": {"type"}, "user": {itoa(user)}, "text": {text}})
}

// Tap taps the button whose label contains the text, under the newest message that has one.
func (c Client) Tap(ctx context.Context, user int64, label string) error {
	return c.act(ctx, url.Values{"do": {"tap"}, "user": {itoa(user)}, "label": {label}})
}

// ShareContact shares the person's own number.
func (c Client) ShareContact(ctx context.Context, user int64) error {
	return c.act(ctx, url.Values{"do": {"contact"}, "user": {itoa(user)}})
}

// Advance moves the clock forward.
func (c Client) Advance(ctx context.Context, d time.Duration) error {
	return c.post(ctx, "/sim/clock", url.Values{"advance": {d.String()}}, nil)
}

// Phones lists the people.
func (c Client) Phones(ctx context.Context) ([]Phone, error) {
	var list struct{ Phones []Phone }
	return list.Phones, c.get(ctx, "/sim/phones", &list)
}

// AddPhone adds a person who has not written to the bot yet.
func (c Client) AddPhone(ctx context.Context, name, number string) (Phone, error) {
	var added Phone
	return added, c.post(ctx, "/sim/phones", url.Values{"name": {name}, "phone": {number}}, &added)
}

// View returns what a person's phone shows.
func (c Client) View(ctx context.Context, user int64) (View, error) {
	var v View
	return v, c.get(ctx, "/sim/chat?user="+itoa(user), &v)
}

// Await returns when what a phone shows is as wanted, and an error that carries the last view's text when ctx ends first.
func (c Client) Await(ctx context.Context, user int64, wanted func(View) bool) (View, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.BaseURL+"/sim/events", nil)
	if err != nil {
		return View{}, err
	}
	events, err := http.DefaultClient.Do(request)
	if err != nil {
		return View{}, fmt.Errorf("await: %w", err)
	}
	defer events.Body.Close()
	lines := bufio.NewScanner(events.Body)
	var last View
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "data:") {
			continue
		}
		view, err := c.View(ctx, user)
		if err != nil {
			break
		}
		if last = view; wanted(view) {
			return view, nil
		}
	}
	text := "an empty chat"
	if n := len(last.Messages); n > 0 {
		text = last.Messages[n-1].Text
	}
	return last, fmt.Errorf("await: %w; the phone shows: %s", errors.Join(ctx.Err(), lines.Err()), text)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func (c Client) act(ctx context.Context, form url.Values) error {
	return c.post(ctx, "/sim/act", form, nil)
}

func (c Client) post(ctx context.Context, path string, form url.Values, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BaseURL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.do(request, into)
}

func (c Client) get(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.BaseURL+path, nil)
	if err != nil {
		return err
	}
	return c.do(request, into)
}

func (c Client) do(request *http.Request, into any) error {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("simulator: %s: %s", response.Status, strings.TrimSpace(string(body)))
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}
