// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/heuristics/dga_model.h"
#include <string.h>
#include <strings.h>

// Zones of dynamic DNS, sorted: anybody gets a name below them at once, and malware does.
static const char *const zones[] = { "3utilities.com", "afraid.org", "blogsyte.com", "bounceme.net", "changeip.com",
	"chickenkiller.com", "crabdance.com", "ddns.info", "ddns.me", "ddns.mobi", "ddns.name", "ddns.net", "ddns.us",
	"ddnsking.com", "dns-dns.com", "dns04.com", "dnsalias.com", "dnsalias.net", "dnsdynamic.com", "dnsdynamic.net",
	"dsmtp.com", "duckdns.org", "dumb1.com", "dyn.com", "dynalias.com", "dynalias.net", "dynalias.org",
	"dyndns.biz", "dyndns.info", "dyndns.org", "dyndns.tv", "dyndns.ws", "dynserv.com", "dynu.com", "dynu.net",
	"dynv6.net", "freeddns.org", "freedynamicdns.net", "freedynamicdns.org", "gotdns.com", "gotdns.org",
	"homedns.org", "homeip.net", "homelinux.com", "homelinux.net", "homelinux.org", "homeunix.com", "homeunix.net",
	"homeunix.org", "hopto.me", "hopto.org", "ignorelist.com", "is-a-geek.com", "is-a-geek.net", "is-a-geek.org",
	"jumpingcrab.com", "kozow.com", "linkpc.net", "mooo.com", "my03.com", "myddns.me", "mydyn.de", "myftp.biz",
	"myftp.org", "myvnc.com", "no-ip.biz", "no-ip.info", "no-ip.org", "noip.me", "nsupdate.info", "onthewifi.com",
	"redirectme.net", "selfip.com", "selfip.net", "selfip.org", "sells-it.net", "servebeer.com", "serveblog.net",
	"servecounterstrike.com", "serveftp.com", "servegame.com", "servehalflife.com", "servehttp.com",
	"serveminecraft.net", "servemp3.com", "servequake.com", "spdns.de", "spdns.org", "strangled.net", "sytes.net",
	"theworkpc.com", "twilightparadox.com", "us.to", "viewdns.net", "webhop.me", "webhop.net", "webhop.org",
	"yi.org", "zapto.org", "zyns.com" };

bool dga_is_dynamic_zone(const char *suffix, uint32_t len)
{
	uint32_t low = 0, high = sizeof(zones) / sizeof(zones[0]);
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		int order = strncasecmp(zones[middle], suffix, len);
		if (!order && strlen(zones[middle]) <= len)
			return strlen(zones[middle]) == len; // shorter ones match only a name with a zero byte in it
		if (order < 0)
			low = middle + 1;
		else
			high = middle; // also a longer zone that begins alike
	}
	return false;
}
