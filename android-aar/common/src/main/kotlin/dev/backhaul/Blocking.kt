package dev.backhaul

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/**
 * Does work that waits for a disk, where nobody is kept from their own. A caller that is cancelled finds that out
 * afterwards: the work is done then.
 */
internal suspend fun <T> blocking(work: () -> T): T = withContext(Dispatchers.IO) { work() }
