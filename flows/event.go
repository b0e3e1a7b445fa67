package flows

import "time"

// Kind says what a person did.
type Kind int

// What a person can do. Everything that has no use here, such as a sticker, is Other.
const (
	Other Kind = iota
	Command
	Tap
	Text
	Contact
	File
	Edited // changed an older message
	Photo
)

// Event is one thing that one person did, freed of Telegram's types. What is in it came from outside and is not to be trusted.
type Event struct {
	UpdateID int64
	From     int64  // Telegram user
	Language string // of his Telegram app, such as "id" or "en-GB"
	Chat     int64
	Private  bool  // false in groups and channels
	Message  int   // the message that was tapped, or that he sent
	Shown    int64 // of a tap: when the message last changed, in Unix seconds of Telegram's clock; 0 when that is not known
	Sent     int64 // when he sent it, in Unix seconds of Telegram's clock; 0 when that is not known, as of a tap
	Kind     Kind

	Command string // without slash and bot name, in lower case
	Payload string // what follows the command, such as the code of a deep link
	Data    string // callback data of a tap
	Text    string
	Contact SharedContact
	File    Upload
}

// Placed is where and when a screen was shown.
type Placed struct {
	Message int       // 0 when it could not be shown
	At      time.Time // by Telegram's clock
	Stood   bool      // the message showed that before, and Telegram does not say since when: at At or earlier
	Look    string    // a short hash of it, made by whoever shows; "" when that is not sure
}

// SharedContact is a phone number out of somebody's address book. It proves something only when UserID is the sender himself.
type SharedContact struct {
	Phone  string // with + and country code
	UserID int64
}

// Upload is a file or a picture that a person sent; a picture has no name. Its content is fetched when an action asks for it.
type Upload struct {
	ID   string
	Name string
	Size int64 // bytes
	// Caption is what was written under it.
	Caption string
	// Album says that it came together with others, each as an event of its own.
	Album bool
}
