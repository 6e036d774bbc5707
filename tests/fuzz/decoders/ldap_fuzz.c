// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as an LDAP session, or as CLDAP datagrams.
#include "decoders/app/ldap/ldap.h"
#include "decoders/app/ldap/ldap_filter.h"
#include "decoders/app/ldap/ldap_netlogon.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_message(const struct kept *kept)
{
	struct ldap_message m;
	struct ldap_search search;
	struct ldap_bind bind;
	struct ldap_extended extended;
	struct ldap_attribute attribute;
	struct cursor list;
	struct span text;
	if (!ldap_message_read(kept_span(kept), &m))
		return;
	(void)ldap_name(&m, &text);
	(void)ldap_bind_read(&m, &bind);
	(void)ldap_extended_read(&m, &extended);
	uint8_t filter[512];
	struct ldap_control control;
	struct ldap_netlogon netlogon;
	struct cursor controls = cursor_on(m.controls);
	while (ldap_control_next(&controls, &control))
		;
	if (ldap_search_read(&m, &search)) {
		(void)ldap_filter_text(&search.filter, filter, sizeof(filter));
		while (ldap_text_next(&search.attributes, &text))
			;
	}
	if (ldap_attributes(&m, &list))
		while (ldap_attribute_next(&m, &list, &attribute))
			while (ldap_text_next(&attribute.values, &text))
				(void)ldap_netlogon_read(text, &netlogon);
}

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	for (const struct kept *kept = ldap_tx_of(tx)->requests.first; kept; kept = kept->next)
		read_message(kept);
	for (const struct kept *kept = ldap_tx_of(tx)->responses.first; kept; kept = kept->next)
		read_message(kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&ldap_parser, data, size, read_all);
}
