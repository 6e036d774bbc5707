// SPDX-License-Identifier: GPL-3.0-or-later
// Certificates of TLS: those of a day.
#include "decoders/app/tls/tls.h"
#include "decoders/base/clock.h"
#include "signatures/heuristics/heuristics_internal.h"

#define DAY_S 86400

void heuristics_check_certificate(const struct check *check)
{
	const struct tls_tx *tls = check->named->tx->tls;
	if (!tls || check->named->direction != TO_CLIENT || !tls->side[TO_CLIENT].certificate.seen)
		return;
	const struct tls_certificate *certificate = &tls->side[TO_CLIENT].certificate;
	int64_t now_s = (int64_t)(check->inspection->packet->ts_ns / NS_PER_S);
	// Windows, for RDP, and SQL Server, at every start, make certificates themselves: of those here that says nothing
	if (check->named->tx != &tls->tx && is_here(check->worker, check_server(check)))
		return;
	bool self_signed = certificate->subject.len &&
			   span_equal(bytes_span(&certificate->subject), bytes_span(&certificate->issuer));
	struct span sni = bytes_span(&tls->side[TO_SERVER].sni);
	if (certificate->not_before_s > now_s + DAY_S || now_s - certificate->not_before_s > DAY_S)
		return;
	heuristics_domain_reason(check, DOMAIN_YOUNG_CERTIFICATE, sni, NULL);
	// Honest certificates are renewed every day somewhere: a young one alone says nothing
	if (!self_signed && !is_rare_tld(sni))
		return;
	struct heuristics_hit *hit =
		heuristics_tell(check, self_signed ? HEURISTICS_CERTIFICATE : HEURISTICS_YOUNG_CERTIFICATE,
			span_text(certificate->fingerprint));
	if (!hit)
		return;
	// An appliance makes itself a new one; a server on the Internet that is asked for by a name has another reason
	if (self_signed && sni.len && !is_here(check->worker, check_server(check)))
		heuristics_weigh(check, 3);
	detail_address(&hit->detail, "server", check_server(check));
	if (sni.len)
		hit_text(hit, "sni", sni);
	hit_text(hit, "subject", bytes_span(&certificate->subject));
	hit_text(hit, "fingerprint", span_text(certificate->fingerprint));
	int64_t age = now_s - certificate->not_before_s;
	detail_number(&hit->detail, "age_s", age > 0 ? (uint64_t)age : 0);
}
