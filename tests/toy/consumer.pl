#!/usr/bin/perl
# consumer.pl -- keep a copy of toy's tables by following changes-cat.
#
#	consumer.pl fill STATE <STREAM		rows of canon-cat --versions
#	consumer.pl follow STATE [LINES] <STREAM
#
# Killed when it has read LINES lines, if given.  A version is taken when all its changes have come: STATE is replaced
# whole, with the seq to go on from.  What does not fit is fatal: an insert of
# a row that is there, an update or delete of one that is not as it was.
use strict;
use warnings;
use JSON::PP;

my ($verb, $file, $lines) = @ARGV;
my $json = JSON::PP->new->canonical->allow_nonref;
my %key = (items => ['code'], boxes => ['code', 'box'], shops => ['shop']);
my $state = { seq => 0, taken => [], rows => {} };
if (open my $in, '<', $file) {
	local $/;
	$state = $json->decode(<$in>);
}

sub save {
	open my $out, '>', "$file.new" or die;
	print $out $json->encode($state), "\n";
	close $out or die;
	rename "$file.new", $file or die;
}

sub name {		# of a row: its table and key
	my ($table, $row) = @_;
	return join ' ', $table, map { $row->{$_} // '' }
	    'land', 'town', @{$key{$table}}, 'occurrence';
}

sub same { return $json->encode($_[0]) eq $json->encode($_[1]) }

sub change {
	my $c = shift;
	my ($name, $rows) = (name($c->{table}, $c->{key}), $state->{rows});
	my %of = map { $_ => $c->{key}{$_} } 'land', 'town';

	if ($c->{op} eq 'insert') {
		die "$name is there\n" if $rows->{$name};
		$rows->{$name} = { %of, %{$c->{new}} };
		return;
	}
	my $row = $rows->{$name} or die "$name is not there\n";
	if ($c->{op} eq 'delete') {
		die "$name was another\n" if !same({ %of, %{$c->{old}} }, $row);
		delete $rows->{$name};
		return;
	}
	for my $f (keys %{$c->{new}}) {
		die "$name $f was another\n" if
		    !same($row->{$f}, $c->{old}{$f});
		if (defined $c->{new}{$f}) { $row->{$f} = $c->{new}{$f} }
		else { delete $row->{$f} }
	}
}

my ($version, @changes);
sub taken {		# all of the version has come
	return if @changes < $version->{inserted} + $version->{updated} +
	    $version->{deleted};
	die "seq $version->{seq} again\n" if $version->{seq} <= $state->{seq};
	change($_) for @changes;
	$state->{seq} = $version->{seq};
	push @{$state->{taken}}, "$version->{dataset} $version->{version}";
	save();
	($version, @changes) = ();
}

sub follow {
	my $r = shift;
	if ($r->{type} eq 'version') {
		die "$version->{version} is not whole\n" if $version;
		$version = $r;
	} elsif ($r->{type} eq 'change') {
		push @changes, $r;
	}
	taken() if $version;
}

sub fill {
	my $r = shift;
	if ($r->{type} eq 'row') {
		$state->{rows}{name($r->{table}, $r->{row})} = $r->{row};
	} elsif ($r->{type} eq 'version' && $r->{seq} > $state->{seq}) {
		$state->{seq} = $r->{seq};
	} elsif ($r->{type} eq 'end') {
		save();
	}
}

while (my $line = <STDIN>) {
	kill 'KILL', $$ if defined $lines && $lines-- == 0;
	my $r = $json->decode($line);
	$verb eq 'fill' ? fill($r) : follow($r);
}
