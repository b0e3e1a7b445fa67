package rules

import "time"

// People are written to from wakeHour until sleepHour, in the local zone; what is due at night waits for the morning.
const (
	wakeHour  = 7
	sleepHour = 20
)

// Awake is the next moment at which people may be written to: at itself between 07.00 and 20.00 WIB, 07.00 of the next morning otherwise.
func (c Calendar) Awake(at time.Time) time.Time {
	local := at.In(c.zone)
	day := local.Day()
	switch {
	case local.Hour() >= wakeHour && local.Hour() < sleepHour:
		return at.UTC()
	case local.Hour() >= sleepHour:
		day++
	}
	return time.Date(local.Year(), local.Month(), day, wakeHour, 0, 0, 0, c.zone).UTC()
}
