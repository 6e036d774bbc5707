// SPDX-License-Identifier: GPL-3.0-or-later
// Names of types and response codes, as IANA's DNS parameters list them.
#include "decoders/app/dns/dns_message.h"

static const char *const low_types[] = {
	[1] = "A",
	"NS",
	"MD",
	"MF",
	"CNAME",
	"SOA",
	"MB",
	"MG",
	"MR",
	"NULL",
	"WKS",
	"PTR",
	"HINFO",
	"MINFO",
	"MX",
	"TXT",
	"RP",
	"AFSDB",
	"X25",
	"ISDN",
	"RT",
	"NSAP",
	"NSAPPTR",
	"SIG",
	"KEY",
	"PX",
	"GPOS",
	"AAAA",
	"LOC",
	"NXT",
	[33] = "SRV",
	"ATMA",
	"NAPTR",
	"KX",
	"CERT",
	"A6",
	"DNAME",
	[41] = "OPT",
	"APL",
	"DS",
	"SSHFP",
	"IPSECKEY",
	"RRSIG",
	"NSEC",
	"DNSKEY",
	"DHCID",
	"NSEC3",
	"NSEC3PARAM",
	"TLSA",
	[55] = "HIP",
	[59] = "CDS",
	"CDNSKEY",
	"OPENPGPKEY",
	"CSYNC",
	"ZONEMD",
	"SVCB",
	"HTTPS",
	[99] = "SPF",
	[249] = "TKEY",
	"TSIG",
	"IXFR",
	"AXFR",
	"MAILB",
	"MAILA",
	"ANY",
	"URI",
	"CAA",
};

const char *dns_type_name(uint16_t type)
{
	if (type < sizeof(low_types) / sizeof(low_types[0]))
		return low_types[type];
	return type == 32768 ? "TA" : type == 32769 ? "DLV" : NULL;
}

static const char *const rcodes[] = {
	"NOERROR",
	"FORMERR",
	"SERVFAIL",
	"NXDOMAIN",
	"NOTIMP",
	"REFUSED",
	"YXDOMAIN",
	"YXRRSET",
	"NXRRSET",
	"NOTAUTH",
	"NOTZONE",
	[16] = "BADVERS/BADSIG",
	"BADKEY",
	"BADTIME",
	"BADMODE",
	"BADNAME",
	"BADALG",
	"BADTRUNC",
};

const char *dns_rcode_name(unsigned rcode)
{
	return rcode < sizeof(rcodes) / sizeof(rcodes[0]) ? rcodes[rcode] : NULL;
}
