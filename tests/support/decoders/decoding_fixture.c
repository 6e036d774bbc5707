// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/decoders/decoding_fixture.h"

void decoding_restart(struct decoding_fixture *t)
{
	packet_decoder_free(t->decoder);
	t->decoder = packet_decoder_new(&t->config);
	assert_non_null(t->decoder);
}

int decoding_setup(void **state)
{
	struct decoding_fixture *t = calloc(1, sizeof(*t));
	if (!t)
		return -1;
	t->config = (struct packet_config) {
		.vxlan_enabled = true,
		.geneve_enabled = true,
		.teredo_enabled = true,
		.gtp_enabled = true,
		.defrag_memcap_bytes = 4u << 20,
		.defrag_timeout_s = 60,
		.defrag_max_trackers = 1000,
		.defrag_max_fragments = 65535,
		.checksum_mode = CHECKSUM_ALL,
	};
	t->now_ns = TIME_0;
	decoding_restart(t);
	*state = t;
	return 0;
}

int decoding_teardown(void **state)
{
	struct decoding_fixture *t = *state;
	packet_decoder_free(t->decoder);
	free(t);
	return 0;
}

struct packet *decoding_run(struct decoding_fixture *t, enum linktype linktype)
{
	packet_decode(t->decoder, frame_span(&t->frame), t->frame.len, t->now_ns, 1, linktype, &t->batch);
	return &t->batch.packets[0];
}

bool has_event(const struct packet *p, uint16_t event)
{
	for (unsigned i = 0; i < p->event_count; i++)
		if (p->events[i] == event)
			return true;
	return false;
}

uint64_t decoding_counter(const struct decoding_fixture *t, enum packet_counter counter)
{
	return packet_decoder_counters(t->decoder)[counter];
}
