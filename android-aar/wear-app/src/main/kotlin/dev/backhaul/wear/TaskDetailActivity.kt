package dev.backhaul.wear

import android.app.Activity
import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.widget.ListView
import dev.backhaul.wear.model.mainThread
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch

/** Why a task does not move, in full (rule E1). */
public class TaskDetailActivity : Activity() {
    private val lines by lazy { LineAdapter(this) }
    private var onScreen: CoroutineScope? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.list)
        val list = requireViewById<ListView>(R.id.list)
        list.padForScreen()
        list.adapter = lines
        list.requestFocus()
    }

    override fun onStart() {
        super.onStart()
        val model = (application as PostcardsApp).model ?: return
        val id = intent.getLongExtra(TASK, NO_TASK)
        val shown = CoroutineScope(SupervisorJob() + mainThread)
        onScreen = shown
        shown.launch { model.follow() }
        shown.launch {
            // Asked again whenever the list has news of it.
            model.state
                .map { state -> state.list.tasks.find { it.id == id } }
                .distinctUntilChanged()
                .collect { lines.show(linesOf(model.detail(id), this@TaskDetailActivity)) }
        }
    }

    override fun onStop() {
        onScreen?.cancel()
        onScreen = null
        super.onStop()
    }

    internal companion object {
        private const val TASK = "task"
        private const val NO_TASK = -1L

        fun intent(
            context: Context,
            id: Long,
        ): Intent = Intent(context, TaskDetailActivity::class.java).putExtra(TASK, id)
    }
}
