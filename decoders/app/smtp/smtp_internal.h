// SPDX-License-Identifier: GPL-3.0-or-later
// SMTP's own structs, shared by its files; nobody else includes it.
#pragma once
#include "decoders/app/smtp/smtp.h"

enum smtp_command {
	SMTP_COMMAND_OTHER,
	SMTP_COMMAND_HELO,
	SMTP_COMMAND_MAIL,
	SMTP_COMMAND_RCPT,
	SMTP_COMMAND_DATA,
	SMTP_COMMAND_BDAT,
	SMTP_COMMAND_STARTTLS,
	SMTP_COMMAND_RSET,
	SMTP_COMMAND_QUIT,
	SMTP_COMMAND_CONTENT, // the end of a mail's content is answered like a command
};

enum smtp_mode { SMTP_MODE_COMMANDS, SMTP_MODE_DATA, SMTP_MODE_CHUNK };

enum smtp_count { SMTP_COUNT_TRUNCATED, SMTP_COUNT_MALFORMED, SMTP_COUNT_OVER_BUDGET, SMTP_COUNTS };

struct smtp_worker {
	const struct app_worker *parts;
	struct mime_config mime;
	bool decode, raw;
	uint64_t counters[SMTP_COUNTS];
};

struct smtp_state {
	struct smtp_worker *worker;
	struct bytes helo;
	struct smtp_tx *tx;  // the newest; NULL: none, or it was freed
	uint8_t mode;        // enum smtp_mode
	bool passing[2];     // the rest of a line too long, or cut by a gap, is passed over
	bool mid_line;       // of content: its next piece does not begin a line
	bool welcomed;       // the server spoke first, as it should
	bool pipelining;     // the server said it
	bool gap_in_content; // the dot may be lost: commands of the next mail end it too
	bool data_waits;     // DATA was sent, its reply has not come
	bool multiline;      // inside of a reply
	bool last_chunk, chunk_line_ended;
	uint64_t chunk_bytes; // left
	uint32_t content_bytes;
	uint32_t track;
	uint16_t first, count; // of waiting
	uint8_t waiting[SMTP_WAITING_MAX];
	enum app_result result;
};

void smtp_event(struct app_input *input, enum smtp_event event);
struct smtp_tx *smtp_tx_open(struct app_input *input); // the one commands belong to; NULL: no room
void smtp_tx_finish(struct app_input *input, struct smtp_tx *tx, bool whole);
void smtp_wait_for(struct smtp_state *state, enum smtp_command command);

// smtp_command.c: one line of the client's, without its end. False: no room.
bool smtp_command_take(struct app_input *input, struct span line, bool truncated);
bool smtp_is_command(struct span line); // does it begin with a verb of the RFCs?
bool smtp_ends_mail(struct span line);  // can it stand only behind a mail?
// smtp_reply.c: one line of the server's.
void smtp_reply_take(struct app_input *input, struct span line, bool truncated);
// smtp_content.c
bool smtp_content_begin(struct app_input *input, enum smtp_mode mode);
// Takes content off the front of data, from at on; gives the offset of what it left: a line not whole yet, or commands.
uint32_t smtp_content_take(struct app_input *input, uint32_t at);
void smtp_content_gap(struct app_input *input);
