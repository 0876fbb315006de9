"""From what people have to what a network eats: sources, audit, split, pack, batches, augment."""
