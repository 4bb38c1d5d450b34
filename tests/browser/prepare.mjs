// Makes the stores that the tests look at, before they run side by side.

import { prepare } from "./site.mjs";

prepare();
