// SPDX-License-Identifier: GPL-3.0-or-later
// Two connections of one SMB session, read by one worker, for tests: the first has a share and an open file.
#pragma once
#include "decoders/app/smb/smb.h"
#include "tests/support/decoders/app_drive.h"
#include "tests/support/decoders/smb_messages.h"

#define FILE_ID 7

struct pair {
	struct app_drive a, b; // b is another flow of a's worker
};

static inline void open_pair(struct pair *p)
{
	struct wire w = { 0 };
	*p = (struct pair) { .a = { .config = { .max_tx = 256, .max_tx_hard = 256, .file_window_bytes = 4096 } } };
	app_drive_open(&p->a, &smb_parser, PROTO_TCP, 40000, 445);
	p->b = (struct app_drive) { .parser = &smb_parser, .slab = p->a.slab, .shared = p->a.shared, .now_ns = 1 };
	p->b.flow = (struct flow) { .key = { .proto = PROTO_TCP, .sport = 40001, .dport = 445 } };
	p->b.flow.app.parser = &smb_parser;
	p->b.flow.app.proto = APP_SMB;
	p->b.flow.app.tx_max = 256;
	if (!app_state_open(&smb_parser, &p->b.flow, p->b.slab, p->b.shared))
		abort();
	smb2_tree_connect(&w, 1, "\\\\dc1\\share");
	smb2_create(&w, 2, 5, "a.txt");
	app_drive_feed(&p->a, TO_SERVER, w.data, w.len);
	w.len = 0;
	smb2_tree_connected(&w, 1, 5, 1);
	smb2_created(&w, 2, 5, FILE_ID);
	app_drive_feed(&p->a, TO_CLIENT, w.data, w.len);
	app_drive_clean(&p->a);
}

// A flow ends: its transactions and its state go.
static inline void end_flow(struct app_drive *t)
{
	for (struct app_tx *tx = t->flow.app.tx_first, *next; tx; tx = next) {
		next = tx->next;
		t->flow.app.tx_first = next;
		smb_parser.tx_free(&t->flow, tx, t->slab, t->shared);
	}
	t->flow.app.tx_last = NULL;
	app_state_close(&smb_parser, &t->flow, t->slab, t->shared);
	app_frames_free(&t->flow, t->slab);
	for (int d = 0; d < 2; d++) {
		free(t->sides[d].held);
		t->sides[d].held = NULL;
		t->sides[d].stopped = true;
	}
}

static inline void close_pair(struct pair *p)
{
	if (p->b.flow.app.state)
		end_flow(&p->b);
	app_drive_close(&p->a);
}
