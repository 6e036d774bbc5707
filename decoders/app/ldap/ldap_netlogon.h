// SPDX-License-Identifier: GPL-3.0-or-later
// What a domain controller answers to a ping over CLDAP (MS-ADTS 6.3.1.9, NETLOGON_SAM_LOGON_RESPONSE_EX): the value of the attribute netlogon.
//
// Memory       names are written into the struct
// Threads      pure functions
#pragma once
#include "decoders/base/span.h"

#define LDAP_NETLOGON_NAMES    8
#define LDAP_NETLOGON_NAME_MAX 255

enum ldap_netlogon_name {
	NETLOGON_FOREST,
	NETLOGON_DOMAIN,
	NETLOGON_HOST,
	NETLOGON_NETBIOS_DOMAIN,
	NETLOGON_NETBIOS_HOST,
	NETLOGON_USER,
	NETLOGON_SITE,
	NETLOGON_CLIENT_SITE,
};

struct ldap_netlogon {
	uint16_t opcode; // 23 the account is known, 25 it is not
	uint32_t flags;
	uint8_t guid[16];
	struct {
		uint8_t len;
		uint8_t text[LDAP_NETLOGON_NAME_MAX];
	} names[LDAP_NETLOGON_NAMES];
};

// False: another kind of answer, or cut.
bool ldap_netlogon_read(struct span value, struct ldap_netlogon *out);
