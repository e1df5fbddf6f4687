#pragma once
#include <pcap/pcap.h>
#include <pcap/dlt.h>
