// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as datagrams of the NetBIOS name service.
#include "decoders/app/dns/dns.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	const struct dns_message *m = &dns_tx_of(tx)->message;
	unsigned count = 0;
	for (int s = 0; s < DNS_SECTIONS; s++)
		count += m->counts[s];
	struct dns_name name;
	for (unsigned i = 0; i < count && i < 64; i++)
		dns_message_name(m, m->records[i].name, m->bytes.len, &name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&nbns_parser, data, size, read_all);
}
