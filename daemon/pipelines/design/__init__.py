"""The parts of `design_then_clone`: lines, the choice among takes, an audition in its run folder, what is made of it all."""
