-- What the site keeps. Times are microseconds since 1970 in UTC. Each statement may be run again at every start.

PRAGMA user_version = 1;
