// SPDX-License-Identifier: GPL-3.0-or-later
// Reads all names of a transaction of DNS or of what has its messages, as rules and events do: for fuzz targets' look.
#pragma once
#include <stdlib.h>
#include "decoders/app/dns/dns.h"
#include "decoders/app/dns/dns_service.h"

static inline void dns_read_all(const struct flow *flow, const struct app_tx *tx)
{
	const struct dns_message *m = &dns_tx_of(tx)->message;
	struct dns_service service;
	struct span address;
	struct dns_name name;
	uint8_t text[300];
	(void)flow;
	for (int s = 0; s < DNS_SECTIONS; s++) {
		unsigned count;
		const struct dns_record *records = dns_message_section(m, (enum dns_section)s, &count);
		for (unsigned i = 0; i < count && i < 64; i++) {
			if (!dns_name_read(m->bytes, records[i].name, m->bytes.len, &name) || name.len > DNS_NAME_MAX)
				abort();
			(void)dns_message_name(m, records[i].name, m->bytes.len, &name);
			if (s == DNS_QUERIES)
				continue;
			(void)dns_record_data_name(m, &records[i], &name);
			if (dns_record_text(m, &records[i], text, sizeof(text)) > sizeof(text))
				abort();
			uint32_t at = 0;
			bool is_service = dns_record_service(m, &records[i], &service);
			for (unsigned h = 0; is_service && h < 16 && dns_service_hint(&service, &at, &address); h++)
				if (address.len != 4 && address.len != 16)
					abort();
		}
	}
}
