// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a DNS datagram, and as a DNS stream cut where its first byte says.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "decoders/app/app_layer.h"
#include "decoders/app/dns/dns.h"
#include "decoders/app/dns/dns_probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct dns_message *m)
{
	struct dns_name name;
	for (int s = 0; s < DNS_SECTIONS; s++) {
		unsigned count;
		const struct dns_record *records = dns_message_section(m, (enum dns_section)s, &count);
		for (unsigned i = 0; i < count && i < 64; i++) {
			if (!dns_name_read(m->bytes, records[i].name, m->bytes.len, &name) || name.len > DNS_NAME_MAX)
				abort();
			if (s != DNS_QUERIES)
				dns_record_data_name(m, &records[i], &name);
		}
	}
}

static void run(struct slab *slab, void *shared, struct span data, bool datagram, uint32_t piece)
{
	struct flow flow = { .key = { .proto = datagram ? PROTO_UDP : PROTO_TCP, .dport = 53 } };
	flow.app.parser = &dns_parser;
	flow.app.proto = APP_DNS;
	flow.app.tx_max = 64;
	if (!dns_parser.open(&flow, slab, shared))
		return;
	for (uint32_t at = 0, have = piece; at < data.len;) {
		struct app_input input = { .data = span_slice(data, at, have),
			.datagram = datagram,
			.flow = &flow,
			.slab = slab,
			.shared = shared,
			.direction = (enum direction)(data.data[0] & 1),
			.gap_bytes = data.data[0] & 2 && at ? 1 : 0 };
		input.consumed = input.data.len;
		if (dns_parser.parse(&input) != APP_OK)
			break;
		if (input.consumed > input.data.len)
			abort();
		at += datagram ? data.len : input.consumed;
		if (!datagram && input.consumed == 0 && at + have >= data.len)
			break;
		have = input.consumed ? piece : have + piece;
	}
	for (struct app_tx *tx = flow.app.tx_first, *next; tx; tx = next) {
		next = tx->next;
		read_all(&dns_tx_of(tx)->message);
		dns_parser.tx_free(&flow, tx, slab, shared);
	}
	dns_parser.close(&flow, slab, shared);
	if (slab_used_bytes(slab))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 || size > 70000)
		return 0;
	struct slab *slab = slab_new(16 << 20);
	void *shared = dns_parser.worker_new(NULL, NULL);
	struct span rest = span_of(data + 1, size - 1);
	run(slab, shared, rest, true, UINT32_MAX);
	run(slab, shared, rest, false, data[0] % 64u + 1);
	struct flow flow = { .key = { .proto = data[0] & 1 ? PROTO_UDP : PROTO_TCP, .dport = 53 },
		.app = { .flags = data[0] & 2 ? APP_HINTED : 0 } };
	(void)dns_probe(TO_SERVER, rest, &flow);
	(void)dns_stream_resumes(rest);
	dns_parser.worker_free(shared);
	slab_destroy(slab);
	return 0;
}
