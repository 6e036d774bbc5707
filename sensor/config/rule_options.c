// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/config/rule_options.h"

#define AT(member) offsetof(struct rule_config, member)

// The names public rule sets refer to. Files and --set replace single ones.
static const char address_groups[] = "HOME_NET=[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]\n"
				     "EXTERNAL_NET=!$HOME_NET\n"
				     "HTTP_SERVERS=$HOME_NET\n"
				     "SMTP_SERVERS=$HOME_NET\n"
				     "SQL_SERVERS=$HOME_NET\n"
				     "DNS_SERVERS=$HOME_NET\n"
				     "TELNET_SERVERS=$HOME_NET\n"
				     "AIM_SERVERS=$EXTERNAL_NET\n"
				     "DC_SERVERS=$HOME_NET\n"
				     "DNP3_SERVER=$HOME_NET\n"
				     "DNP3_CLIENT=$HOME_NET\n"
				     "MODBUS_CLIENT=$HOME_NET\n"
				     "MODBUS_SERVER=$HOME_NET\n"
				     "ENIP_CLIENT=$HOME_NET\n"
				     "ENIP_SERVER=$HOME_NET\n";

static const char port_groups[] = "HTTP_PORTS=80\n"
				  "SHELLCODE_PORTS=!80\n"
				  "ORACLE_PORTS=1521\n"
				  "SSH_PORTS=22\n"
				  "DNP3_PORTS=20000\n"
				  "MODBUS_PORTS=502\n"
				  "FILE_DATA_PORTS=[$HTTP_PORTS,110,143]\n"
				  "FTP_PORTS=21\n"
				  "GENEVE_PORTS=6081\n"
				  "VXLAN_PORTS=4789\n"
				  "TEREDO_PORTS=3544\n"
				  "SIP_PORTS=[5060,5061]\n";

const struct option rule_options[] = {
	{ "vars.address-groups.*", OPTION_MAP, AT(address_groups), address_groups, 0, 0, NULL, CHANGE_RELOAD,
		"address variables of rules: an address, network, range, list or another variable; ! negates" },
	{ "vars.port-groups.*", OPTION_MAP, AT(port_groups), port_groups, 0, 0, NULL, CHANGE_RELOAD,
		"port variables of rules" },
	{ "default-rule-path", OPTION_STRING, AT(rule_path), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"folder of rule files given without one" },
	{ "rule-files", OPTION_LIST, AT(rule_files), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"rule files to load; patterns such as *.rules are allowed" },
	{ "action-order", OPTION_LIST, AT(action_order), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"order of rules by action; pass, drop, reject, alert when unset" },
	{ "rules.store", OPTION_STRING, AT(store), "/var/lib/sekisho/rules", 0, 0, NULL, CHANGE_RELOAD,
		"folder of packs installed with `sekisho rules install`; their rules are loaded too" },
	{ "rules.partial-reload", OPTION_BOOL, AT(partial_reload), "no", 0, 0, NULL, CHANGE_RELOAD,
		"when a reload meets a rule that is wrong, and was not there before: reload without it; else nothing "
		"is changed" },
	{ "rules.trusted-keys", OPTION_LIST, AT(trusted_keys), NULL, 0, 0, NULL, CHANGE_LIVE,
		"ed25519 keys packs may be signed with: in base64, or a PEM file each" },
	{ "rules.filters", OPTION_STRING, AT(filters), "/etc/sekisho", 0, 0, NULL, CHANGE_LIVE,
		"folder of enable.conf, disable.conf, modify.conf and drop.conf, which are applied to installed "
		"packs" },
	{ "classification-file", OPTION_STRING, AT(classification_file), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"classes of rules with their priority; built-in ones when unset" },
	{ "reference-config-file", OPTION_STRING, AT(reference_file), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"prefixes of the addresses rules refer to; built-in ones when unset" },
	{ "threshold-file", OPTION_STRING, AT(threshold_file), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"limits and suppressions for rules" },
	{ "default-data-dir", OPTION_STRING, AT(data_path), "/var/lib/sekisho", 0, 0, NULL, CHANGE_RESTART,
		"folder of what is kept between runs: state and save files of datasets given without one" },
	{ "datasets.*", OPTION_MAP, AT(datasets), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"sets of values rules look up: NAME.type, .load, .save, .state, .memcap, .hashsize, .format, "
		".value_key, .array_key, .remove_key; and "
		"defaults.memcap (100 MiB), defaults.hashsize, limits.single-hashsize, limits.total-hashsizes, "
		"rules.allow-write (yes), "
		"rules.allow-absolute-filenames (no)" },
	{ "default-reputation-path", OPTION_STRING, AT(reputation_path), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"folder of reputation files given without one" },
	{ "reputation-categories-file", OPTION_STRING, AT(reputation_categories), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"categories of the keyword iprep: lines of ID,NAME,DESCRIPTION" },
	{ "reputation-files", OPTION_LIST, AT(reputation_files), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"lists of the keyword iprep: lines of ADDRESS or NETWORK,CATEGORY ID,SCORE" },
	{ "geoip-database", OPTION_STRING, AT(geoip_database), NULL, 0, 0, NULL, CHANGE_RELOAD,
		"MaxMind country database: for the geoip keyword and the country of outside addresses in alerts" },
	{ 0 },
};
