// SPDX-License-Identifier: GPL-3.0-or-later
// Drives one application parser as the application layer does, without flows' tables and streams: for unit tests and fuzz targets. What the parser
// does not consume is kept and shown again in front of what comes next.
#pragma once
#include "decoders/app/app_layer.h"

struct app_drive {
	const struct app_parser *parser;
	struct slab *slab;
	bool lent; // slab and parts are others'
	struct app_worker parts;
	void *shared;
	struct flow flow;
	struct app_config config; // zeroed but for what app_drive_open presets; settings may be added before it
	struct app_drive_side {
		uint8_t *held; // not consumed yet
		uint32_t len, cap;
		uint64_t offset; // of held in the stream
		uint32_t gap_bytes;
		bool stopped;
	} sides[2];
	uint64_t now_ns;
	enum app_result result; // of the last parse
	uint8_t switch_to;      // asked for by it
};

// proto PROTO_TCP or PROTO_UDP. Aborts when the parser cannot be opened: a test's memory is never short.
void app_drive_open(
	struct app_drive *drive, const struct app_parser *parser, uint8_t proto, uint16_t sport, uint16_t dport);
// Data of a direction: a piece of the stream, or one datagram. False when the parser had stopped taking the direction, or stops now.
bool app_drive_feed(struct app_drive *drive, enum direction direction, const void *data, size_t len);
bool app_drive_text(struct app_drive *drive, enum direction direction, const char *text);
// Bytes written in hex, blanks between allowed.
bool app_drive_hex(struct app_drive *drive, enum direction direction, const char *hex);
// Bytes are lost before the next piece; what was held of the direction goes with them.
void app_drive_gap(struct app_drive *drive, enum direction direction, uint32_t len);
bool app_drive_end(struct app_drive *drive, enum direction direction);
enum app_probe app_drive_probe(
	struct app_drive *drive, enum direction direction, const void *data, size_t len, bool hinted);
// The nth live transaction; NULL: there are fewer.
struct app_tx *app_drive_tx(const struct app_drive *drive, unsigned n);
// Has any live transaction, or the one given, this event (without "proto.")?
bool app_drive_has_event(const struct app_drive *drive, const struct app_tx *tx, const char *name);
// Frees transactions that are done in both their directions, as if inspected and logged.
void app_drive_clean(struct app_drive *drive);
// Frees all. Aborts when the parser kept memory.
void app_drive_close(struct app_drive *drive);

// Any bytes as a conversation: the first says transport, ports' order and whether frames are asked for, then pieces, each behind two bytes: direction, gap and length. look, if given,
// is shown every transaction before it goes, and should read all of it. Aborts on memory kept, on consuming more than was given, and on work that is not
// linear: over 200 steps a byte. Gives 0, for LLVMFuzzerTestOneInput.
int app_drive_fuzz(const struct app_parser *parser, const uint8_t *data, size_t size,
	void (*look)(const struct flow *flow, const struct app_tx *tx));
