package dev.backhaul.android

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.Build
import dev.backhaul.SystemConditions

/**
 * What the system tells of in broadcasts. [enter] enters it into what was known; it is given the one that came, at a look
 * the one that stays (is sticky), if there is such a one.
 */
internal class BroadcastSource(
    private val context: Context,
    vararg actions: String,
    private val enter: (known: SystemConditions, broadcast: Intent?) -> SystemConditions,
) : ConditionsSource {
    private val filter = IntentFilter().apply { actions.forEach(::addAction) }
    private var receiver: BroadcastReceiver? = null

    override fun look(known: SystemConditions) = enter(known, context.registerReceiver(null, filter))

    override fun start(tell: (Change) -> Unit) {
        if (receiver != null) return
        val registered =
            object : BroadcastReceiver() {
                override fun onReceive(
                    context: Context,
                    intent: Intent,
                ) = tell { enter(it, intent) }
            }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            context.registerReceiver(registered, filter, Context.RECEIVER_NOT_EXPORTED)
        } else {
            context.registerReceiver(registered, filter)
        }
        receiver = registered
    }

    override fun stop() {
        receiver?.let(context::unregisterReceiver)
        receiver = null
    }
}
