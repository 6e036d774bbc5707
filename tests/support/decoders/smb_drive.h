// SPDX-License-Identifier: GPL-3.0-or-later
// One connection of SMB, or of DCE-RPC, driven by the messages of smb_messages.h, for cmocka tests (whose header comes first).
#pragma once
#include "decoders/app/smb/smb.h"
#include "tests/support/decoders/app_drive.h"
#include "tests/support/decoders/smb_messages.h"

static inline void smb_drive_open(struct app_drive *t)
{
	*t = (struct app_drive) { .config = { .max_tx = 256, .max_tx_hard = 256, .file_window_bytes = 4096 } };
	app_drive_open(t, &smb_parser, PROTO_TCP, 40000, 445);
}

// Says what is in w, and empties it.
static inline void say(struct app_drive *t, enum direction direction, struct wire *w)
{
	assert_true(app_drive_feed(t, direction, w->data, w->len));
	w->len = 0;
}

static inline const struct smb_tx *smb_tx_at(const struct app_drive *t, unsigned n)
{
	return smb_tx_of(app_drive_tx(t, n));
}
