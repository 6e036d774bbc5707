// SPDX-License-Identifier: GPL-3.0-or-later
// One connection of a mail protocol, as the texts of its two ends, for cmocka tests (whose header comes first).
#pragma once
#include "tests/support/decoders/app_drive.h"

static struct app_drive t;

static inline void mail_drive_open(const struct app_parser *parser, uint16_t port)
{
	t.config.file_window_bytes = 4096;
	app_drive_open(&t, parser, PROTO_TCP, 40000, port);
}

// A test's teardown.
static inline int mail_drive_close(void **state)
{
	(void)state;
	app_drive_close(&t);
	return 0;
}

static inline void client(const char *text)
{
	assert_true(app_drive_text(&t, TO_SERVER, text));
}

static inline void server(const char *text)
{
	assert_true(app_drive_text(&t, TO_CLIENT, text));
}
