// What every mount of the pages must pass. Each test program includes it beside a module `mount` of its own.

mod answers;
mod api;
mod bodies;
mod challenge;
mod cookies;
mod events;
mod flow;
mod forgery;
mod hammer;
mod head;
mod headers;
mod health;
mod inbound;
mod load;
mod lock;
mod methods;
mod metrics;
mod openapi;
mod origins;
mod outage;
mod settings;
mod silence;
mod source;
mod step_up;
mod support;
mod webhook;
