// SPDX-License-Identifier: GPL-3.0-or-later
// Facts: transactions that are lists of named values, for protocols whose events are flat. A protocol is then a table of names and the code that reads its
// messages; its transactions, their pairing, its event (export/eve/fact.c) and its keywords (signatures/field/fact.c) are the same for all.
//
// Life cycle   fact_begin -> fact_text, fact_number ... -> fact_said, fact_finish; fact_answering finds who waits, oldest first
// Memory       worker's slab: a block a value
// Bounds       FACT_MAX values a transaction, FACT_TEXT_MAX bytes of a text, FACT_OPEN_MAX open transactions a flow: the oldest gives way
// Threads      worker of its flow
#pragma once
#include <stdlib.h>
#include "decoders/app/tally.h"
#include "decoders/base/cursor.h"

#define FACT_MAX      96
#define FACT_TEXT_MAX 8192
#define FACT_OPEN_MAX 128

enum fact_kind { FACT_TEXT, FACT_NUMBER, FACT_FLAG, FACT_ADDRESS };

struct fact_name {
	const char *key; // in events, snake case; NULL ends a table
	uint8_t kind;    // enum fact_kind
	bool list;       // told as an array
};

struct fact {
	struct fact *next;
	uint64_t number;
	uint32_t len;      // kept
	uint32_t cut;      // bytes of the text that were not kept
	uint8_t id;        // place in the protocol's table
	uint8_t direction; // whose message said so
	uint8_t bytes[];
};

struct fact_tx {
	struct app_tx tx;
	struct fact *first, *last;
	struct fact_tx *next_open;
	uint16_t count;
	bool open;     // waits for an answer
	bool reversed; // the server asked: its event goes to the client
};

enum fact_event { FACT_MALFORMED, FACT_TOO_LONG, FACT_UNEXPECTED, FACT_TOO_MANY };

enum fact_sight { FACT_SURE, FACT_LOST, FACT_RESUMED };

// First member of each protocol's state.
struct fact_flow {
	struct fact_tx *open_first, *open_last;
	unsigned open;
	uint32_t skip[2]; // bytes of a message too long that are still to come
	uint8_t sight[2]; // enum fact_sight: does data begin where a message does? (fact_messages_resuming)
};

// Members of a parser's table that are the same for all.
#define FACT_PARSER                                                                                  \
	.tx_free = fact_tx_free, .worker_new = tally_new, .worker_free = free, .complete = { 1, 1 }, \
	.event_names = fact_event_names, .counter_names = tally_names

extern const char *const fact_event_names[];
void fact_tx_free(struct flow *flow, struct app_tx *tx, struct slab *slab, void *shared);

// A transaction of the message in the direction of input. both: an answer is to come, and it stays open until fact_finish. NULL: no room.
struct fact_tx *fact_begin(const struct app_input *input, bool both);
// The oldest transaction that waits for an answer; NULL: there is none.
struct fact_tx *fact_answering(const struct app_input *input);
// The oldest that waits for an answer of input's direction and says number first, under id; NULL: there is none.
struct fact_tx *fact_waiting_for(const struct app_input *input, uint8_t id, uint64_t number);
// One direction of it is complete, and can be inspected.
void fact_said(const struct app_input *input, struct fact_tx *tx, enum direction direction);
// Both are.
void fact_finish(const struct app_input *input, struct fact_tx *tx);
void fact_raise(const struct app_input *input, struct fact_tx *tx, enum fact_event event);
// The stream cannot be read any further: event on the oldest that waits, else on a transaction that says nothing else. Gives APP_ERROR.
enum app_result fact_give_up(const struct app_input *input, enum fact_event event);

// Adds a value. What has no room is left out and counted; tx NULL is allowed, and does nothing.
void fact_text(const struct app_input *input, struct fact_tx *tx, uint8_t id, struct span text);
void fact_utf16(const struct app_input *input, struct fact_tx *tx, uint8_t id,
	struct span text); // little-endian; kept as UTF-8
void fact_string(const struct app_input *input, struct fact_tx *tx, uint8_t id, const char *text); // NULL: nothing
void fact_format(const struct app_input *input, struct fact_tx *tx, uint8_t id, const char *format, ...)
	__attribute__((format(printf, 4, 5))); // as printf, 127 bytes at most
void fact_hex(const struct app_input *input, struct fact_tx *tx, uint8_t id, struct span bytes,
	uint32_t max); // digits of the first max bytes, 256 at most
void fact_number(const struct app_input *input, struct fact_tx *tx, uint8_t id, uint64_t number);
void fact_flag(const struct app_input *input, struct fact_tx *tx, uint8_t id);
void fact_address(const struct app_input *input, struct fact_tx *tx, uint8_t id, struct span bytes); // of 4 or 16
const struct fact *fact_find(const struct fact_tx *tx, uint8_t id, unsigned index); // NULL: there are fewer

// Takes what is still to be passed over of a message too long from the front of input's data; gives how much, or UINT32_MAX after a gap that goes further.
uint32_t fact_skip(const struct app_input *input);
// A message of whole bytes at at that is not to be kept: gives how many of them are here, and passes over the rest when it comes.
uint32_t fact_pass(const struct app_input *input, uint32_t at, uint32_t whole);

// How long the message at the front of rest is: 0 when its head is not whole yet, UINT32_MAX when this is no message.
typedef uint32_t fact_length(const struct app_input *input, struct span rest);
// One message; whole is over message.len when it was too long, and only its beginning is here.
typedef enum app_result fact_take(struct app_input *input, struct span message, uint32_t whole);
// Gives the messages of a stream to take, one after the other, max bytes of each at most. What is no message, and a gap outside of what is passed over, end
// parsing (fact_give_up with FACT_MALFORMED; a gap is counted).
enum app_result fact_messages(struct app_input *input, uint32_t max, fact_length *length, fact_take *take);
// The same, for protocols whose messages are known by how they begin: after a gap, or what is no message (told the first time), it goes on with the next
// piece of the stream that begins like one.
enum app_result fact_messages_resuming(struct app_input *input, uint32_t max, fact_length *length, fact_take *take);

static inline struct fact_tx *fact_tx_of(struct app_tx *tx)
{
	return (struct fact_tx *)(void *)tx;
}

static inline const struct fact_tx *fact_tx_in(const struct app_tx *tx)
{
	return (const struct fact_tx *)(const void *)tx;
}
