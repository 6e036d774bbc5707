// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a conversation in one of the protocols whose names are read: the first byte picks it. What is named is canonical, in its bounds, and read once,
// but where a request is asked for again; whether it was answered is told whatever came.
#include <stdlib.h>
#include "decoders/app/dhcp/dhcp.h"
#include "decoders/app/dhcpv6/dhcpv6.h"
#include "decoders/app/dns/dns.h"
#include "decoders/app/ftp/ftp.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"
#include "decoders/app/imap/imap.h"
#include "decoders/app/pop3/pop3.h"
#include "decoders/app/quic/quic.h"
#include "decoders/app/rdp/rdp.h"
#include "decoders/app/sip/sip.h"
#include "decoders/app/smb/smb.h"
#include "decoders/app/smtp/smtp.h"
#include "decoders/app/socks/socks.h"
#include "decoders/app/ssdp/ssdp.h"
#include "decoders/app/tds/tds.h"
#include "decoders/app/tls/tls.h"
#include "decoders/app/xmpp/xmpp.h"
#include "signatures/reputation/answered.h"
#include "signatures/reputation/named.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NAMED_OF_TX_MAX 24576 // IMAP_MAILS_MAX mails of MIME_LINKS_MAX links and as many addresses, most

static void take(void *context, const struct inspection *inspection, const struct named *named)
{
	unsigned *count = context;
	static uint8_t sum;
	(void)inspection;
	for (uint32_t i = 0; i < named->value.len; i++)
		sum ^= named->value.data[i];
	if (sum == 1 && named->value.len == 1 && named->place == NAMED_PLACES_END) // keeps the reads
		abort();
	bool is_text =
		named->kind == INDICATOR_DOMAIN || named->kind == INDICATOR_EMAIL || named->kind == INDICATOR_URL;
	if (named->place >= NAMED_PLACES_END || named->value.len > INDICATOR_VALUE_MAX ||
		(is_text && !named->value.len) || ++*count > NAMED_OF_TX_MAX)
		abort();
}

static void look(const struct flow *flow, const struct app_tx *tx)
{
	static struct named_reader reader;
	struct flow alone = { .key = flow->key,
		.app = { .parser = flow->app.parser,
			.state = flow->app.state,
			.tx_first = (struct app_tx *)(uintptr_t)tx } };
	struct app_tx *next = tx->next;
	unsigned count = 0, again = 0, requests;
	alone.app.tx_first->next = NULL;
	reader.early = reader.certificate_sha256 = true;
	for (int ended = 0; ended < 2; ended++)
		for (int direction = TO_SERVER; direction <= TO_CLIENT; direction++) {
			struct packet packet = { .direction = (enum direction)direction };
			struct inspection inspection = { &packet, &alone, ended, true };
			named_each(&reader, &inspection, take, &count);
			if (ended)
				named_each(&reader, &inspection, take, &again);
			requests = 0;
			named_request(&reader, &inspection, alone.app.tx_first, take, &requests);
			if (answered_of(&alone, alone.app.tx_first) > ANSWERED_REFUSED)
				abort();
		}
	alone.app.tx_first->next = next;
	if (again > count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct app_parser *const parsers[] = { &dns_parser, &http_parser, &http2_parser, &smtp_parser,
		&imap_parser, &pop3_parser, &socks_parser, &tls_parser, &quic_parser, &rdp_parser, &tds_parser,
		&smb_parser, &ftp_parser, &sip_parser, &dhcp_parser, &dhcpv6_parser, &ssdp_parser, &xmpp_parser };
	if (!size)
		return 0;
	return app_drive_fuzz(parsers[data[0] % (sizeof(parsers) / sizeof(parsers[0]))], data + 1, size - 1, look);
}
