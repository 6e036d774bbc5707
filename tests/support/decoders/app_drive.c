// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/decoders/app_drive.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "decoders/app/handover.h"
#include "tests/support/decoders/work.h"

#define DRIVE_SLAB_BYTES  (64u << 20)
#define FUZZ_BYTES_MAX    (1u << 17)
#define FILE_WINDOW_BYTES 65536
#define PARTS_USES        256

static _Noreturn void fault(const char *what)
{
	fprintf(stderr, "app_drive: %s\n", what);
	abort();
}

static void open_flow(struct app_drive *drive, uint8_t proto, uint16_t sport, uint16_t dport)
{
	drive->flow = (struct flow) { .key = { .proto = proto, .sport = sport, .dport = dport } };
	drive->flow.app.parser = drive->parser;
	drive->flow.app.proto = (uint8_t)drive->parser->proto;
	drive->flow.app.tx_max = 256;
	if (!app_state_open(drive->parser, &drive->flow, drive->slab, drive->shared))
		fault("the parser cannot be opened");
}

struct ends {
	uint8_t proto;
	uint16_t sport, dport;
};

// What a worker's flows share.
struct shared_parts {
	struct slab *slab;
	struct app_worker parts;
};

// lent NULL: parts of its own
static void open_on(
	struct app_drive *drive, const struct app_parser *parser, struct ends ends, const struct shared_parts *lent)
{
	struct app_config config = drive->config;
	*drive = (struct app_drive) { .parser = parser, .config = config, .now_ns = UINT64_C(1000000000) };
	if (lent) {
		drive->lent = true;
		drive->slab = lent->slab;
		drive->parts = lent->parts;
	} else {
		drive->slab = slab_new(DRIVE_SLAB_BYTES);
		if (!drive->slab || !app_worker_init(&drive->parts, &drive->config, drive->slab))
			fault("no memory");
	}
	if (parser->worker_new)
		drive->shared = parser->worker_new(&drive->config, &drive->parts);
	open_flow(drive, ends.proto, ends.sport, ends.dport);
}

void app_drive_open(
	struct app_drive *drive, const struct app_parser *parser, uint8_t proto, uint16_t sport, uint16_t dport)
{
	open_on(drive, parser, (struct ends) { proto, sport, dport }, NULL);
}

static void hold(struct app_drive_side *side, const void *data, size_t len)
{
	if (side->len + len > side->cap) {
		side->cap = (uint32_t)(side->len + len) * 2;
		side->held = realloc(side->held, side->cap);
		if (!side->held)
			fault("no memory");
	}
	if (len)
		memcpy(side->held + side->len, data, len);
	side->len += (uint32_t)len;
}

static void consume(struct app_drive_side *side, uint32_t len)
{
	if (len > side->len)
		fault("more was consumed than there was");
	if (len && len < side->len)
		memmove(side->held, side->held + len, side->len - len);
	side->len -= len;
	side->offset += len;
}

// One call of the parser, with all that is held. False: the direction is over.
static bool show(struct app_drive *drive, enum direction direction, bool end)
{
	struct app_drive_side *side = &drive->sides[direction];
	// A copy of just the size lets the sanitizer see a read past the end
	uint8_t *copy = malloc(side->len ? side->len : 1);
	if (!copy)
		fault("no memory");
	if (side->len)
		memcpy(copy, side->held, side->len);
	struct app_input input = { .direction = direction,
		.data = span_of(copy, side->len),
		.gap_bytes = side->gap_bytes,
		.end = end,
		.datagram = drive->flow.key.proto != PROTO_TCP,
		.now_ns = drive->now_ns,
		.offset = side->offset,
		.flow = &drive->flow,
		.slab = drive->slab,
		.shared = drive->shared,
		.consumed = side->len };
	drive->result = drive->parser->parse(&input);
	drive->switch_to = input.switch_to;
	free(copy);
	side->gap_bytes = 0;
	if (input.consumed > side->len)
		fault("more was consumed than there was");
	consume(side, input.datagram ? side->len : input.consumed);
	switch (drive->result) {
	case APP_OK: return true;
	case APP_STOP: side->stopped = true; break;
	case APP_ERROR:
	case APP_STOP_BOTH:
	case APP_SWITCH: drive->sides[0].stopped = drive->sides[1].stopped = true; break;
	}
	return false;
}

bool app_drive_feed(struct app_drive *drive, enum direction direction, const void *data, size_t len)
{
	struct app_drive_side *side = &drive->sides[direction];
	if (side->stopped)
		return false;
	drive->now_ns += 1000000;
	hold(side, data, len);
	return show(drive, direction, false);
}

bool app_drive_text(struct app_drive *drive, enum direction direction, const char *text)
{
	return app_drive_feed(drive, direction, text, strlen(text));
}

bool app_drive_hex(struct app_drive *drive, enum direction direction, const char *hex)
{
	uint8_t bytes[8192];
	size_t len = 0;
	for (const char *p = hex; *p;) {
		unsigned value;
		int used;
		if (*p == ' ' || *p == '\n') {
			p++;
			continue;
		}
		if (len == sizeof(bytes) || sscanf(p, "%2x%n", &value, &used) != 1 || used != 2)
			fault("not hex");
		bytes[len++] = (uint8_t)value;
		p += 2;
	}
	return app_drive_feed(drive, direction, bytes, len);
}

void app_drive_gap(struct app_drive *drive, enum direction direction, uint32_t len)
{
	struct app_drive_side *side = &drive->sides[direction];
	uint32_t lost = len + side->len;
	consume(side, side->len);
	side->offset += len;
	side->gap_bytes += lost;
}

bool app_drive_end(struct app_drive *drive, enum direction direction)
{
	return !drive->sides[direction].stopped && show(drive, direction, true);
}

enum app_probe app_drive_probe(
	struct app_drive *drive, enum direction direction, const void *data, size_t len, bool hinted)
{
	if (hinted)
		drive->flow.app.flags |= APP_HINTED;
	else
		drive->flow.app.flags &= ~(uint32_t)APP_HINTED;
	return drive->parser->probe(direction, span_of(data, len), &drive->flow);
}

struct app_tx *app_drive_tx(const struct app_drive *drive, unsigned n)
{
	struct app_tx *tx = drive->flow.app.tx_first;
	while (tx && n--)
		tx = tx->next;
	return tx;
}

static uint64_t event_bit(const struct app_drive *drive, const char *name)
{
	for (unsigned i = 0; drive->parser->event_names[i]; i++)
		if (strcmp(drive->parser->event_names[i], name) == 0)
			return UINT64_C(1) << i;
	fault("no such event");
}

bool app_drive_has_event(const struct app_drive *drive, const struct app_tx *tx, const char *name)
{
	uint64_t bit = event_bit(drive, name);
	if (tx)
		return tx->events & bit;
	for (tx = drive->flow.app.tx_first; tx; tx = tx->next)
		if (tx->events & bit)
			return true;
	return false;
}

static void free_txs(struct app_drive *drive, bool all, void (*look)(const struct flow *flow, const struct app_tx *tx))
{
	struct app_flow *a = &drive->flow.app;
	struct app_tx *kept = NULL;
	for (struct app_tx *tx = a->tx_first, *next; tx; tx = next) {
		next = tx->next;
		if (!all && !app_tx_done(drive->parser, tx)) {
			kept = tx;
			continue;
		}
		if (look)
			look(&drive->flow, tx);
		if (kept)
			kept->next = next;
		else
			a->tx_first = next;
		a->tx_live--;
		drive->parser->tx_free(&drive->flow, tx, drive->slab, drive->shared);
	}
	a->tx_last = kept;
}

void app_drive_clean(struct app_drive *drive)
{
	free_txs(drive, false, NULL);
}

void app_drive_close(struct app_drive *drive)
{
	free_txs(drive, true, NULL);
	app_state_close(drive->parser, &drive->flow, drive->slab, drive->shared);
	if (drive->parser->worker_free)
		drive->parser->worker_free(drive->shared);
	app_frames_free(&drive->flow, drive->slab);
	app_handover_free(&drive->flow, drive->slab);
	if (!drive->lent) {
		app_worker_fini(&drive->parts);
		if (slab_used_bytes(drive->slab))
			fault("the parser kept memory");
		slab_destroy(drive->slab);
	}
	free(drive->sides[0].held);
	free(drive->sides[1].held);
}

// Making them takes far longer than most inputs do; new ones now and then, for a slab's size classes keep what they were cut.
static const struct shared_parts *fuzz_parts(const struct app_config *config)
{
	static struct shared_parts shared;
	static unsigned uses;
	if (uses++ % PARTS_USES == 0) {
		if (shared.slab) {
			app_worker_fini(&shared.parts);
			if (slab_used_bytes(shared.slab))
				fault("the worker kept memory");
			slab_destroy(shared.slab);
		}
		shared.slab = slab_new(DRIVE_SLAB_BYTES);
		if (!shared.slab || !app_worker_init(&shared.parts, config, shared.slab))
			fault("no memory");
	}
	return &shared;
}

// Bytes of the slab that are still used afterwards.
static size_t converse(const struct app_parser *parser, const uint8_t *data, size_t size,
	void (*look)(const struct flow *flow, const struct app_tx *tx))
{
	bool tcp = parser->tcp && (!parser->udp || data[0] & 1);
	uint16_t port = parser->ports && parser->ports[0].proto ? parser->ports[0].from : 1234;
	// All that settings and rules may ask for
	struct app_drive drive = { .config = { .frame_protos = UINT64_MAX,
					   .hash_md5 = true,
					   .hash_sha1 = true,
					   .hash_sha256 = true,
					   .rules_use_ja3 = true,
					   .rules_use_ja4 = true,
					   .file_window_bytes = FILE_WINDOW_BYTES } };
	struct ends ends = { tcp ? PROTO_TCP : PROTO_UDP, 40000, port };
	if (data[0] & 2)
		ends = (struct ends) { ends.proto, port, 40000 };
	const struct shared_parts *lent = fuzz_parts(&drive.config);
	open_on(&drive, parser, ends, lent);
	if (data[0] & 16)
		drive.flow.app.flags |= APP_FRAMES;
	if (parser->probe) {
		(void)app_drive_probe(&drive, TO_SERVER, data + 1, size - 1, data[0] & 4);
		(void)app_drive_probe(&drive, TO_CLIENT, data + 1, size - 1, data[0] & 8);
	}
	work_begin();
	for (size_t at = 1; at + 2 <= size;) {
		unsigned head = data[at];
		size_t len = data[at + 1] + ((size_t)(head & 0x38) << 5);
		at += 2;
		len = len < size - at ? len : size - at;
		if (head & 2)
			app_drive_gap(&drive, (enum direction)(head & 1), (head & 0xc0) + 1);
		app_drive_feed(&drive, (enum direction)(head & 1), data + at, len);
		if (head & 4)
			free_txs(&drive, false, look);
		at += len;
	}
	app_drive_end(&drive, TO_SERVER);
	app_drive_end(&drive, TO_CLIENT);
	work_check(size);
	free_txs(&drive, true, look);
	app_drive_close(&drive);
	return slab_used_bytes(lent->slab);
}

int app_drive_fuzz(const struct app_parser *parser, const uint8_t *data, size_t size,
	void (*look)(const struct flow *flow, const struct app_tx *tx))
{
	static size_t used;
	if (size < 4 || size > FUZZ_BYTES_MAX)
		return 0;
	size_t after = converse(parser, data, size, look);
	// Pools may keep what was freed for the next flow, but then the same once more finds all it needs there
	if (after > used && converse(parser, data, size, look) > after)
		fault("the parser kept memory");
	used = after;
	return 0;
}
