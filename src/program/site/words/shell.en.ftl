# The frame of every page.

nav-skip = To the content
nav-pages = Pages
nav-languages = Languages
nav-notices = About this site
nav-start = Test your mail
nav-providers = Providers
nav-check = Check a domain
nav-method = How the test works

not-found-title = There is no such page
not-found = The address is not complete, or the result that it led to has been deleted.
not-found-start = To the start page
