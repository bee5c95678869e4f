#!/usr/bin/perl
# webhook.pl -- a webhook for one request, on a port of its own.
#
#	webhook.pl PORT BODY STATUS	writes its port to PORT, then what was
#					posted to BODY, and answers STATUS
use strict;
use warnings;
use IO::Socket::INET;

my ($port, $body, $status) = @ARGV;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
    or die;
open my $out, '>', "$port.new" or die;
print $out $server->sockport, "\n";
close $out or die;
rename "$port.new", $port or die;
my $client = $server->accept or die;
my ($length, $text) = (0, '');
while (my $line = <$client>) {
	$length = $1 if $line =~ /^content-length: (\d+)/i;
	last if $line =~ /^\r?$/;
}
read $client, $text, $length;
open $out, '>', $body or die;
print $out $text;
close $out or die;
print $client "HTTP/1.1 $status\r\nContent-Length: 0\r\n",
    "Connection: close\r\n\r\n";
