package guard

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	feedPath = "/api/v1/revocations"
	// feedSilence ends a stream without a sign of life, which Writ gives every five seconds.
	feedSilence = 15 * time.Second
)

// feed follows /api/v1/revocations: first page by page, then as a stream of server-sent events.
type feed struct {
	resource        string
	writ            *writ
	stream          *http.Client
	maxLag          time.Duration
	longestLifetime time.Duration
	onChange        func()
	log             *slog.Logger

	mutex       sync.RWMutex
	revocations *revocations
	isComplete  bool
	isLost      bool
	isBegun     bool
	heardAt     time.Time
	position    int64
	window      time.Duration
}

// told is what Writ says about the feed, in a page and in a sign of life.
type told struct {
	Last int64 `json:"last"`
	// Resources are the APIs whose revocations it tells.
	Resources []string `json:"resources"`
}

// notServedError names an API of whose revocations Writ does not tell the client of the guard.
type notServedError string

func (e notServedError) Error() string {
	return fmt.Sprintf("the client is not the resource server of %s (resource_server_for)", string(e))
}

func (f *feed) isCurrent() bool {
	f.mutex.RLock()
	defer f.mutex.RUnlock()
	return f.isCurrentNow()
}

func (f *feed) isCurrentNow() bool { return f.isComplete && time.Since(f.heardAt) <= f.maxLag }

// judge says whether a JWT is revoked, and whether the feed tells everything about it: not while it is lost, not if the JWT was issued
// before the oldest change that is kept, and not if it lives longer than the API says.
func (f *feed) judge(claims *Claims, keyID string) (isRevoked, isCurrent, isReached bool) {
	f.mutex.RLock()
	defer f.mutex.RUnlock()
	isShort := f.longestLifetime == 0 || claims.expires()-claims.IssuedAt <= f.longestLifetime.Seconds()
	reaches := claims.IssuedAt >= seconds(time.Now().Add(-f.window)) && isShort
	return f.revocations.revokes(claims, keyID), f.isCurrentNow(), reaches
}

// run follows until the context ends.
func (f *feed) run(ctx context.Context) {
	go f.watch(ctx)
	failures := 0
	for ctx.Err() == nil {
		err := f.catchUp(ctx)
		if err == nil {
			failures = 0
			err = f.follow(ctx)
		}
		var unexpected *statusError
		if errors.As(err, &unexpected) && unexpected.status == http.StatusGone {
			f.forget()
		} else if err != nil && ctx.Err() == nil {
			failures++
			// Meanwhile Writ passes over changes of the API.
			if errors.As(err, new(notServedError)) {
				f.startOver()
			}
			f.log.Warn("The feed of revocations was interrupted.", "error", err)
		}
		pause := min(5*time.Second, 200*time.Millisecond<<min(failures, 5))
		select {
		case <-time.After(pause/2 + rand.N(pause/2)):
		case <-ctx.Done():
		}
	}
}

func (f *feed) catchUp(ctx context.Context) error {
	for more := true; more; {
		path := feedPath
		if f.isBegun {
			path += "?after=" + strconv.FormatInt(f.position, 10)
		} else if f.longestLifetime > 0 {
			path += fmt.Sprintf("?max_age=%d", int64(f.longestLifetime.Seconds()+1))
		}
		var page struct {
			told
			Items     []change `json:"items"`
			More      bool     `json:"more"`
			Retention int64    `json:"retention"`
		}
		if err := f.writ.ask(ctx, http.MethodGet, path, "", "", &page); err != nil {
			return err
		}
		if err := f.hear(page.told, page.Items); err != nil {
			return err
		}
		f.mutex.Lock()
		if f.window = f.longestLifetime; f.window == 0 {
			f.window = time.Duration(page.Retention) * time.Second
		}
		if f.isComplete = f.isComplete || !page.More; f.isComplete && f.isLost {
			f.isLost = false
			f.log.Warn("The feed of revocations is followed again.")
		}
		f.mutex.Unlock()
		more = page.More
	}
	return nil
}

func (f *feed) follow(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	alarm := time.AfterFunc(feedSilence, cancel)
	defer alarm.Stop()
	response, err := f.writ.open(ctx, f.stream, http.MethodGet, feedPath, "", "", map[string]string{
		"Accept":        "text/event-stream",
		"Last-Event-ID": strconv.FormatInt(f.position, 10),
	})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return eachEvent(response.Body, func(event, data string) error {
		alarm.Reset(feedSilence)
		switch event {
		case "gap":
			f.forget()
			return io.EOF
		case "change":
			var item change
			if err := json.Unmarshal([]byte(data), &item); err != nil {
				return err
			}
			f.learn([]change{item}, item.Number)
		case "alive":
			var alive told
			if err := json.Unmarshal([]byte(data), &alive); err != nil {
				return err
			}
			return f.hear(alive, nil)
		}
		return nil
	})
}

// hear learns items, and what Writ says about the feed. It returns a notServedError.
func (f *feed) hear(heard told, items []change) error {
	if !slices.Contains(heard.Resources, f.resource) {
		return notServedError(f.resource)
	}
	f.learn(items, heard.Last)
	return nil
}

func (f *feed) learn(items []change, last int64) {
	f.mutex.Lock()
	for _, item := range items {
		f.revocations.apply(item)
	}
	f.position, f.isBegun, f.heardAt = max(f.position, last), true, time.Now()
	f.mutex.Unlock()
	if len(items) > 0 {
		f.onChange()
	}
}

// startOver makes the next page the first again.
func (f *feed) startOver() {
	f.mutex.Lock()
	f.position, f.isBegun, f.isComplete = 0, false, false
	f.mutex.Unlock()
}

func (f *feed) forget() {
	f.startOver()
	f.mutex.Lock()
	f.revocations = newRevocations()
	f.mutex.Unlock()
	f.onChange()
}

// watch says once that the feed is lost, and forgets what no longer matters.
func (f *feed) watch(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	prunedAt := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			f.mutex.Lock()
			if now.Sub(prunedAt) > time.Minute {
				prunedAt = now
				f.revocations.prune(now.Add(-f.window - 5*time.Minute))
			}
			if !f.isCurrentNow() && !f.isLost && f.isBegun {
				f.isLost = true
				f.log.Error("The feed of revocations is lost.")
			}
			f.mutex.Unlock()
		}
	}
}

// eachEvent reads server-sent events, as Writ sends them: one line of data each. It ends with an error, or when the stream does.
func eachEvent(body io.Reader, handle func(event, data string) error) error {
	reader := bufio.NewReader(body)
	event, data := "", ""
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return err
		}
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		switch value = strings.TrimPrefix(value, " "); {
		case name == "" && value == "":
			if data != "" {
				if err := handle(event, data); err != nil {
					return err
				}
			}
			event, data = "", ""
		case name == "event":
			event = value
		case name == "data":
			data = value
		}
	}
}
