// SPDX-License-Identifier: GPL-3.0-or-later
// Class: unbounded transactions. A client asks for ever and is never answered, a server answers one request for ever, a message is begun and never
// ended: state of one flow grew until the sensor had no memory (NFS, LDAP, IKE, DCE-RPC, DNP3, DHCP, MQTT, SMB and HTTP/2 of the field, 2021 to 2026).
//
// Every conversation the fuzz targets know is played, then each of its messages is sent again and again: as it is, and with a number that counts at
// each place a number may stand, so that no two ask for the same. A flow may have 4 MiB, and no more transactions than the driver allows.
#include "decoders/app/http/http.h"
#include "decoders/app/dns/dns.h"
#include "decoders/app/ldap/ldap.h"
#include "tests/support/decoders/history.h"
#include <string.h>

#define FLOW_BYTES  (4u * MIB)
#define TIMES       3000u
#define PLACES      48u
#define A_PLACE     1500u // times with a number at one place
#define MESSAGE_MAX 4096u

static size_t most_bytes;
static unsigned flows;
static char most_of[512];

static void check(const struct app_drive *drive, const char *what, const char *how)
{
	flows++;
	if (slab_peak_bytes(drive->slab) > most_bytes) {
		most_bytes = slab_peak_bytes(drive->slab);
		snprintf(most_of, sizeof(most_of), "%s", what);
	}
	if (slab_peak_bytes(drive->slab) > FLOW_BYTES)
		fail_msg("%s: %s: %zu bytes", what, how, slab_peak_bytes(drive->slab));
	if (drive->flow.app.tx_live > drive->flow.app.tx_max)
		fail_msg("%s: %s: %u live transactions", what, how, (unsigned)drive->flow.app.tx_live);
}

static void play(struct app_drive *drive, const struct history_seed *seed)
{
	history_open(drive, seed);
	for (unsigned i = 0; i < seed->count; i++)
		app_drive_feed(drive, seed->pieces[i].direction, seed->pieces[i].bytes, seed->pieces[i].len);
}

static bool over(const struct app_drive *drive, enum direction direction)
{
	return drive->sides[direction].stopped || drive->sides[direction].len > 256 * KIB;
}

static void again(const struct history_seed *seed, const struct history_piece *piece)
{
	struct app_drive drive;
	play(&drive, seed);
	for (unsigned n = 0; n < TIMES && !over(&drive, piece->direction); n++) {
		app_drive_feed(&drive, piece->direction, piece->bytes, piece->len);
		app_drive_clean(&drive);
	}
	check(&drive, seed->name, "one message again and again");
	app_drive_close(&drive);
}

static void counted(const struct history_seed *seed, const struct history_piece *piece, uint32_t place)
{
	uint8_t bytes[MESSAGE_MAX];
	struct app_drive drive;
	play(&drive, seed);
	memcpy(bytes, piece->bytes, piece->len);
	for (unsigned n = 0; n < A_PLACE && !over(&drive, piece->direction); n++) {
		history_put_be(bytes + place, n, 2);
		app_drive_feed(&drive, piece->direction, bytes, piece->len);
		app_drive_clean(&drive);
	}
	check(&drive, seed->name, "a message with a number that counts");
	app_drive_close(&drive);
}

static void repeat(const struct history_seed *seed)
{
	for (unsigned i = 0; i < seed->count; i++) {
		const struct history_piece *piece = &seed->pieces[i];
		if (piece->len < 2 || piece->len > MESSAGE_MAX)
			continue;
		again(seed, piece);
		for (uint32_t place = 0; place + 2 <= piece->len && place < PLACES; place += 2)
			counted(seed, piece, place);
	}
}

static void no_message_makes_a_flow_grow(void **state)
{
	(void)state;
	history_each_seed(repeat);
	print_message("%u flows, at most %zu bytes (%s)\n", flows, most_bytes, most_of);
	assert_true(flows > 500);
}

static void requests_without_an_answer(void **state)
{
	(void)state;
	static const struct {
		const struct app_parser *parser;
		bool tcp;
		const char *request;
	} rows[] = {
		{ &http_parser, true, "GET / HTTP/1.1\r\nHost: a\r\n\r\n" },
		{ &dns_parser, false, "\1\2\1\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1" },
		{ &mdns_parser, false, "\1\2\1\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1" },
	};
	static const size_t lens[] = { 27, 19, 19 };
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct app_drive drive;
		history_open_plain(&drive, rows[i].parser, rows[i].tcp);
		for (unsigned n = 0; n < 20000 && !over(&drive, TO_SERVER); n++) {
			app_drive_feed(&drive, TO_SERVER, rows[i].request, lens[i]);
			app_drive_clean(&drive);
		}
		// libhtp has memory of its own for each request it waits for an answer to
		check(&drive, rows[i].parser->name, "requests");
		app_drive_close(&drive);
	}
}

// One search, answered by entries without end (as the field's LDAP of 2026): all are counted, few are kept, and it is an event.
static void answers_without_an_end(void **state)
{
	(void)state;
	struct app_drive drive;
	history_open_plain(&drive, &ldap_parser, true);
	app_drive_hex(&drive, TO_SERVER,
		"3025 020101 6320 0400 0a0102 0a0100 020100 020100 010100 870b 6f626a656374636c617373 3000");
	for (unsigned n = 0; n < 50000; n++)
		app_drive_hex(&drive, TO_CLIENT, "300c 020101 6407 0403 636e3d 3000");
	assert_int_equal(drive.flow.app.tx_live, 1);
	assert_true(app_drive_has_event(&drive, NULL, "too_many_responses"));
	check(&drive, "ldap", "answers");
	app_drive_close(&drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_message_makes_a_flow_grow),
		cmocka_unit_test(requests_without_an_answer),
		cmocka_unit_test(answers_without_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
