// What any compiled program takes to start and end.

Deno.exit(0);
