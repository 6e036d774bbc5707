// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of DNS (versions 2 and 3), of LLMNR and the NetBIOS name service, which are told as DNS is, and of mDNS (mdns.c). Their records: dns_record.h.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

// The "dns" object of a message, as version 3 writes it.
struct dns_message;
void eve_dns_message(struct json *json, const struct eve_config *config, const struct dns_message *message,
	bool response, uint64_t tx_id);

extern const struct eve_app eve_dns;
extern const struct eve_app eve_mdns;
extern const struct eve_app eve_llmnr;
extern const struct eve_app eve_nbns;
