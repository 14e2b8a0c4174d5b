package dev.backhaul.wear

import android.content.Context
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter

/**
 * A list of which each item is a view, remade by [bind] where it can be. Nothing can be tapped unless that is said. Main
 * thread.
 */
internal abstract class ListAdapter<Item : Any>(
    context: Context,
) : BaseAdapter() {
    private val inflater = LayoutInflater.from(context)
    private var items: List<Item> = emptyList()

    fun show(items: List<Item>) {
        if (items == this.items) return
        this.items = items
        notifyDataSetChanged()
    }

    /** What shows this item. */
    protected abstract fun layoutOf(item: Item): Int

    /** Puts it into the view, which is of its layout. */
    protected abstract fun bind(
        item: Item,
        view: View,
    )

    override fun getCount(): Int = items.size

    override fun getItem(position: Int): Item = items[position]

    override fun getItemId(position: Int): Long = position.toLong()

    override fun areAllItemsEnabled(): Boolean = false

    override fun isEnabled(position: Int): Boolean = false

    override fun getView(
        position: Int,
        convertView: View?,
        parent: ViewGroup,
    ): View {
        val item = items[position]
        val view = convertView ?: inflater.inflate(layoutOf(item), parent, false)
        bind(item, view)
        return view
    }
}
