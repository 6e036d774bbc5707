// SPDX-License-Identifier: GPL-3.0-or-later
// Packet decoder: the input's first byte chooses link type and checksums; then come frames, each behind two bytes of length and one of time
// passed. What the decoder hands out must lie in the frame, or in the datagram it put together.
#include <stdlib.h>
#include "decoders/base/clock.h"
#include "decoders/base/cursor.h"
#include "decoders/packet/decoder.h"
#include "tests/support/decoders/work.h"

#define FRAMES_MAX 64

static const enum linktype linktypes[] = { LINK_ETHERNET, LINK_RAW, LINK_SLL, LINK_SLL2, LINK_NULL, LINK_LOOP, LINK_PPP,
	LINK_CHDLC, LINK_PPP_ETHER };

static void inside(const struct span whole, const uint8_t *at, size_t len)
{
	if (at && (at < whole.data || at + len > whole.data + whole.len))
		abort();
}

// Reads every byte, for the sanitizer to object to.
static void touch(struct span s)
{
	for (uint32_t i = 0; i < s.len; i++)
		(void)*(const volatile uint8_t *)(s.data + i);
}

static void check(const struct packet_batch *batch)
{
	if (batch->count < 1 || batch->count > PACKETS_MAX)
		abort();
	for (unsigned i = 0; i < batch->count; i++) {
		const struct packet *p = &batch->packets[i];
		if ((i > 0 && p->outer >= i) || p->event_count > PACKET_EVENTS_MAX || p->vlan_count > PACKET_VLANS_MAX)
			abort();
		if ((p->ip != NULL) != (p->ip_version != 0) || (p->l4 && !p->ip))
			abort();
		inside(p->frame, p->ip, p->ip_len);
		inside(p->frame, p->l4, p->l4_header_len);
		inside(p->frame, p->payload.data, p->payload.len);
		inside(p->frame, p->arp.data, p->arp.len);
		inside(p->frame, p->ether, 14);
		touch(p->frame);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct packet_batch batch;
	struct cursor c = cursor_on(span_of(data, size));
	uint8_t choice = cursor_u8(&c);
	struct packet_config config = {
		.vxlan_enabled = true,
		.geneve_enabled = true,
		.teredo_enabled = true,
		.erspan_type1_enabled = true,
		.vntag_enabled = true,
		.gtp_enabled = true,
		.defrag_memcap_bytes = 256u << 10,
		.defrag_timeout_s = 60,
		.defrag_max_trackers = 8,
		.defrag_max_fragments = 64,
		.checksum_mode = choice & 0x80 ? CHECKSUM_NONE : CHECKSUM_ALL,
	};
	enum linktype linktype = linktypes[(choice & 0x7f) % (sizeof(linktypes) / sizeof(*linktypes))];
	struct packet_decoder *decoder = packet_decoder_new(&config);
	if (!decoder)
		return 0;
	work_begin();
	uint64_t now_ns = NS_PER_S;
	for (unsigned i = 0; i < FRAMES_MAX && cursor_left(&c) >= 3; i++) {
		uint32_t len = cursor_be16(&c);
		now_ns += cursor_u8(&c) * NS_PER_S;
		struct span part = cursor_span(&c, len < cursor_left(&c) ? len : cursor_left(&c));
		uint8_t *frame = malloc(part.len ? part.len : 1); // of its own, so that a read past its end is seen
		if (!frame)
			break;
		if (part.len)
			memcpy(frame, part.data, part.len);
		struct span copy = { frame, part.len };
		(void)packet_spread_hash(decoder, copy, linktype);
		packet_decode(decoder, copy, len, now_ns, i + 1, linktype, &batch);
		check(&batch);
		free(frame);
	}
	work_check(size);
	packet_decoder_free(decoder);
	return 0;
}
