// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as two connections of one SMB session, whose pieces, ends and finished transactions come in any order.
//
// Input: pieces, each behind two bytes: direction, connection, gap, what ends; length.
#include "tests/support/decoders/smb_pair.h"
#include "tests/support/decoders/work.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CLIENT = 1, SECOND = 2, GAP = 4, CLEAN = 8, END = 16 };

static void end_carriers(struct app_drive *t)
{
	for (struct app_tx *tx = t->flow.app.tx_first; tx; tx = tx->next)
		tx->progress[0] = tx->progress[1] = 1;
	app_drive_clean(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pair p;
	if (size > 1u << 16)
		return 0;
	open_pair(&p);
	work_begin();
	for (size_t at = 0; at + 2 <= size;) {
		unsigned head = data[at];
		size_t len = data[at + 1];
		at += 2;
		len = len < size - at ? len : size - at;
		struct app_drive *t = head & SECOND ? &p.b : &p.a;
		enum direction direction = head & CLIENT ? TO_CLIENT : TO_SERVER;
		if (head & END && t == &p.b && t->flow.app.state)
			end_flow(t);
		if (head & GAP && t->flow.app.state)
			app_drive_gap(t, direction, (head >> 5) + 1);
		if (t->flow.app.state)
			app_drive_feed(t, direction, data + at, len);
		if (head & CLEAN && t->flow.app.state)
			end_carriers(t);
		at += len;
	}
	work_check(size);
	close_pair(&p);
	return 0;
}
