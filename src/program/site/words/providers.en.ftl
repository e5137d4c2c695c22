# Providers: the table, a provider, evidence, halls of fame, figures.

providers-title = Providers
providers-what = How mail providers protect mail on its way, measured from outside. Every value opens to what was seen.
providers-order = The rows stand by colour, and within a colour by name: no order within a colour says anything.
providers-age = What was seen { $days } days ago or earlier is grey.
providers-none = Nothing is published yet.
providers-colours = The colours
providers-worse = A row has the worse colour of sending and receiving.
providers-customers = It is about the provider's own hosts and domains: a domain of yours at a provider may do worse.
providers-more = More
providers-feed = Atom feed of changes
providers-licence = The data may be used under
providers-measured = Everything here was measured; nothing is certified.

provider-dates = Published since { $since }, last written on { $updated }.
provider-retracted = What was published here was taken back on { $day }.
provider-replies = What the provider says
provider-corrections = Corrections
provider-no-evidence = No trial that counts says anything about it.
provider-not-checked = No domain of it was checked.
provider-badge = Badge to host yourself:
provider-evidence = Evidence
provider-redacted = Without people: of addresses the network is left, of host names the domain; who wrote to whom is in none of it.

evidence-back = To the row
evidence-of = What was seen on { $day }.
evidence-aside = This does not count any more: a correction has set it aside.
evidence-trial = The connections of this trial are shown with the row.

hall-title = Hall of fame
hall-what = Domains that reach 100 % by the rules of internet.nl (2025), for certain, whose operators want to be here.
hall-rules = The day is the first of a streak that no failure breaks. A domain leaves after { $count } failures in a row; what could not be found out is no failure.
hall-both-title = Both directions
hall-both = These receive at 100 %, and their provider sends by DANE.
hall-receiving-title = Receiving
hall-receiving = These receive at 100 %.
hall-empty = Nobody yet.
hall-provider = Provider
hall-since = 100 % since
hall-checked = Last check
hall-failures = { $count ->
    [one] the last check failed
   *[other] the last { $count } checks failed
}

statistics-title = Figures
statistics-what = How many networks send how, of those that were tested here. A network counts once, however much mail it sends.
statistics-all = { $count } networks are counted.
statistics-policy = Policy
statistics-networks = Networks
statistics-few = others, each of them rare
statistics-different = different within the network
statistics-none = Fewer than { $count } networks were tested: nothing is shown yet.
statistics-least = No figure stands for fewer than { $count } networks.
statistics-bias = Whoever tests here chose to: this is no picture of all mail.
